#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include "CTerminal.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

// Handlers use only what is async-signal-safe: write, sigaction, raise, and what crash.c does.

// -- Signals that come from outside ------------------------------------------------------------------------

// The highest number of a signal, with those of real time.
enum { SIGNALS = 65 };
static struct sigaction before[SIGNALS];
static bool is_caught[SIGNALS];
static volatile sig_atomic_t signal_descriptor = -1;
static volatile sig_atomic_t unheeded;

// Whether the signal, left alone, ends a program from outside. Told by what does not, so that none is forgotten.
static bool ends_programs(int number) {
  switch (number) {
    case SIGKILL: case SIGSTOP:  // cannot be caught
    case SIGTSTP: case SIGTTIN: case SIGTTOU: case SIGCONT:
    case SIGCHLD: case SIGURG: case SIGWINCH:
      return false;
    default:
      return !ct_crash_is_crash(number);
  }
}

static void on_signal(int number) {
  int saved = errno;
  if (ends_programs(number) && unheeded++ > 0) {
    ct_crash_restore();
    signal(number, SIG_DFL);
    raise(number);
  }
  uint8_t byte = (uint8_t)number;
  if (signal_descriptor >= 0) (void)!write(signal_descriptor, &byte, 1);
  errno = saved;
}

void ct_signals_catch(int descriptor) {
  signal_descriptor = descriptor;
  unheeded = 0;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigset_t unblocked;
  sigemptyset(&unblocked);
  for (int number = 1; number < SIGNALS; number++) {
    const bool ends = ends_programs(number);
    if (!ends && number != SIGWINCH && number != SIGCONT && number != SIGTSTP) continue;
    // Numbers that the C library keeps for itself are refused. What the caller had ignored, such as a hangup
    // under nohup, stays so.
    if (sigaction(number, NULL, &before[number]) != 0) continue;
    if (ends && before[number].sa_handler == SIG_IGN) continue;
    is_caught[number] = sigaction(number, &action, NULL) == 0;
    sigaddset(&unblocked, number);
  }
  // A process inherits the signal mask of the thread that started it.
  pthread_sigmask(SIG_UNBLOCK, &unblocked, NULL);
}

void ct_signals_heeded(void) { unheeded = 0; }

void ct_signals_release(void) {
  for (int number = 1; number < SIGNALS; number++) {
    if (is_caught[number]) sigaction(number, &before[number], NULL);
    is_caught[number] = false;
  }
  signal_descriptor = -1;
}

void ct_signals_stop_self(void) {
  struct sigaction usual, stop_before, continue_before;
  memset(&usual, 0, sizeof usual);
  usual.sa_handler = SIG_DFL;
  sigemptyset(&usual.sa_mask);
  sigaction(SIGTSTP, &usual, &stop_before);
  sigaction(SIGCONT, &usual, &continue_before);  // our caller knows when it continues
  kill(0, SIGTSTP);  // the group, so that a parent such as make stops too and the shell takes over
  sigaction(SIGTSTP, &stop_before, NULL);
  sigaction(SIGCONT, &continue_before, NULL);
}

int ct_run_on_terminal(const char *command, const char *argument) {
  struct sigaction ignore, usual, interrupt_before, quit_before, stop_before, output_before;
  memset(&ignore, 0, sizeof ignore);
  memset(&usual, 0, sizeof usual);
  ignore.sa_handler = SIG_IGN;
  usual.sa_handler = SIG_DFL;
  sigemptyset(&ignore.sa_mask);
  sigemptyset(&usual.sa_mask);
  sigaction(SIGINT, &ignore, &interrupt_before);
  sigaction(SIGQUIT, &ignore, &quit_before);
  sigaction(SIGTSTP, &usual, &stop_before);
  sigaction(SIGTTOU, &ignore, &output_before);

  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults, none;
  sigemptyset(&none);
  sigemptyset(&defaults);
  const int reset[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTOU, SIGXFSZ, SIGPIPE};
  for (size_t i = 0; i < sizeof reset / sizeof *reset; i++) sigaddset(&defaults, reset[i]);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  char *const arguments[] = {"sh", "-c", (char *)command, "sh", (char *)argument, NULL};
  pid_t child;
  int status = 0, result = -1;
  if (posix_spawn(&child, "/bin/sh", NULL, &attributes, arguments, environ) == 0) {
    pid_t ended;
    do {
      ended = waitpid(child, &status, 0);
    } while (ended < 0 && errno == EINTR);
    if (ended == child) result = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
  posix_spawnattr_destroy(&attributes);

  tcsetpgrp(STDIN_FILENO, getpgrp());  // whatever the command did with the terminal
  sigaction(SIGINT, &interrupt_before, NULL);
  sigaction(SIGQUIT, &quit_before, NULL);
  sigaction(SIGTSTP, &stop_before, NULL);
  sigaction(SIGTTOU, &output_before, NULL);
  return result;
}

// -- Waking a poll -----------------------------------------------------------------------------------------

int ct_wake_open(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

void ct_wake(int descriptor) {
  uint64_t one = 1;
  (void)!write(descriptor, &one, sizeof one);
}

void ct_wake_clear(int descriptor) {
  uint64_t count;
  (void)!read(descriptor, &count, sizeof count);
}
