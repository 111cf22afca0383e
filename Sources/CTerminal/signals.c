#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include "CTerminal.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>

// Handlers use only what is async-signal-safe: write, tcsetattr, sigaction, raise and memory set up before.

// -- Restoring the terminal in a hurry ---------------------------------------------------------------------

static struct termios modes;

void ct_modes_remember(void) { tcgetattr(STDIN_FILENO, &modes); }

void ct_modes_restore(void) { tcsetattr(STDIN_FILENO, TCSANOW, &modes); }

static struct {
  volatile sig_atomic_t armed;
  uint8_t restore[512];
  size_t restore_count;
  char message[1024];
  int message_descriptor;
  bool chains;
} crash;

static void write_all(int descriptor, const void *bytes, size_t count) {
  const char *at = bytes;
  while (count > 0) {
    ssize_t written = write(descriptor, at, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    at += written;
    count -= (size_t)written;
  }
}

static void restore_terminal(void) {
  if (!crash.armed) return;
  crash.armed = 0;
  write_all(STDOUT_FILENO, crash.restore, crash.restore_count);
  ct_modes_restore();
}

// -- Signals that come from outside ------------------------------------------------------------------------

static const int caught[] = {SIGWINCH, SIGCONT, SIGTSTP, SIGTERM, SIGHUP, SIGINT, SIGQUIT};
enum { CAUGHT = sizeof caught / sizeof *caught };
static struct sigaction caught_before[CAUGHT];
static volatile sig_atomic_t signal_descriptor = -1;
static volatile sig_atomic_t unheeded;

static bool ends_programs(int signal) {
  return signal == SIGTERM || signal == SIGHUP || signal == SIGINT || signal == SIGQUIT;
}

static void on_signal(int number) {
  int saved = errno;
  if (ends_programs(number) && unheeded++ > 0) {
    restore_terminal();
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
  for (int i = 0; i < CAUGHT; i++) {
    sigaction(caught[i], &action, &caught_before[i]);
    sigaddset(&unblocked, caught[i]);
  }
  // A process inherits the signal mask of the thread that started it.
  pthread_sigmask(SIG_UNBLOCK, &unblocked, NULL);
}

void ct_signals_heeded(void) { unheeded = 0; }

void ct_signals_release(void) {
  for (int i = 0; i < CAUGHT; i++) sigaction(caught[i], &caught_before[i], NULL);
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

// -- Crashes -----------------------------------------------------------------------------------------------

static const struct {
  int number;
  const char *name;
} crashes[] = {
    {SIGSEGV, "SIGSEGV"}, {SIGFPE, "SIGFPE"},   {SIGILL, "SIGILL"}, {SIGBUS, "SIGBUS"},
    {SIGABRT, "SIGABRT"}, {SIGTRAP, "SIGTRAP"}, {SIGSYS, "SIGSYS"},
};
enum { CRASHES = sizeof crashes / sizeof *crashes };
static struct sigaction crashes_before[CRASHES];
// The crash may be an overflow of the stack.
static uint8_t crash_stack[64 * 1024];

static void on_crash(int number) {
  bool was_armed = crash.armed;
  restore_terminal();
  for (int i = 0; i < CRASHES; i++) {
    if (crashes[i].number != number) continue;
    if (was_armed) {
      write_all(crash.message_descriptor, crashes[i].name, strlen(crashes[i].name));
      write_all(crash.message_descriptor, crash.message, strlen(crash.message));
    }
    if (crash.chains) {
      sigaction(number, &crashes_before[i], NULL);
    } else {
      signal(number, SIG_DFL);
    }
  }
  raise(number);  // comes once this handler has returned
}

void ct_crash_catch(const uint8_t *restore, size_t count, int message_descriptor, const char *message,
                    bool chains) {
  if (count > sizeof crash.restore) count = sizeof crash.restore;
  memcpy(crash.restore, restore, count);
  crash.restore_count = count;
  strncpy(crash.message, message, sizeof crash.message - 1);
  crash.message_descriptor = message_descriptor;
  crash.chains = chains;
  stack_t stack = {.ss_sp = crash_stack, .ss_size = sizeof crash_stack};
  sigaltstack(&stack, NULL);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_crash;
  action.sa_flags = SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < CRASHES; i++) sigaction(crashes[i].number, &action, &crashes_before[i]);
}

void ct_crash_arm(bool armed) { crash.armed = armed; }

void ct_crash_release(void) {
  crash.armed = 0;
  for (int i = 0; i < CRASHES; i++) sigaction(crashes[i].number, &crashes_before[i], NULL);
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
