#define _GNU_SOURCE
#include "CTerminal.h"

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

// A crash restores the terminal, says so in one line, and adds a report to a file. The handler uses memory that
// is set up before, and only calls that are async-signal-safe, but for the walk up the stack, which comes last.

// -- Restoring the terminal in a hurry ---------------------------------------------------------------------

static struct termios modes;

void ct_modes_remember(void) { tcgetattr(STDIN_FILENO, &modes); }

void ct_modes_restore(void) { tcsetattr(STDIN_FILENO, TCSANOW, &modes); }

static struct {
  volatile sig_atomic_t armed;
  uint8_t bytes[512];
  size_t count;
} restoring;

// Where people read what the program says: the terminal, also while stderr leads elsewhere.
static volatile sig_atomic_t people = STDERR_FILENO;

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

void ct_crash_restore(void) {
  if (!restoring.armed) return;
  restoring.armed = 0;
  write_all(STDOUT_FILENO, restoring.bytes, restoring.count);
  ct_modes_restore();
}

void ct_crash_arm(const uint8_t *restore, size_t count, int descriptor) {
  if (count > sizeof restoring.bytes) count = sizeof restoring.bytes;
  memcpy(restoring.bytes, restore, count);
  restoring.count = count;
  people = descriptor;
  restoring.armed = 1;
}

void ct_crash_disarm(void) {
  restoring.armed = 0;
  people = STDERR_FILENO;
}

// -- The report --------------------------------------------------------------------------------------------

static const struct {
  int number;
  const char *name;
} crashes[] = {
    {SIGSEGV, "SIGSEGV"}, {SIGFPE, "SIGFPE"},   {SIGILL, "SIGILL"}, {SIGBUS, "SIGBUS"},
    {SIGABRT, "SIGABRT"}, {SIGTRAP, "SIGTRAP"}, {SIGSYS, "SIGSYS"},
};
enum { CRASHES = sizeof crashes / sizeof *crashes };

bool ct_crash_is_crash(int number) {
  for (int i = 0; i < CRASHES; i++) {
    if (crashes[i].number == number) return true;
  }
  return false;
}

static char program[64];
static char report_path[4096];
// What the program is doing: one text is read while the other is written.
static char descriptions[2][4096];
static atomic_int description;
static atomic_flag has_crashed = ATOMIC_FLAG_INIT;
static struct sigaction before[CRASHES];
static bool chains;

static void say(int descriptor, const char *text) { write_all(descriptor, text, strlen(text)); }

static void say_number(int descriptor, uint64_t value, unsigned base, int digits) {
  char text[24];
  int at = sizeof text;
  do {
    text[--at] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value > 0 || (int)sizeof text - at < digits);
  write_all(descriptor, text + at, sizeof text - (size_t)at);
}

// The time in UTC, as 2026-12-01T09:30:00Z. gmtime may take a lock; the calendar is counted in days of the year
// from 1 March, so that leap days come last.
static void say_time(int descriptor) {
  const int64_t now = time(NULL);
  const int64_t days = now / 86400 + 719468, rest = now % 86400;
  const int64_t era = days / 146097, of_era = days % 146097;
  const int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
  const int64_t month = (5 * of_year + 2) / 153;
  say_number(descriptor, (uint64_t)(era * 400 + year + (month >= 10)), 10, 4);
  say(descriptor, "-");
  say_number(descriptor, (uint64_t)(month < 10 ? month + 3 : month - 9), 10, 2);
  say(descriptor, "-");
  say_number(descriptor, (uint64_t)(of_year - (153 * month + 2) / 5 + 1), 10, 2);
  say(descriptor, "T");
  say_number(descriptor, (uint64_t)(rest / 3600), 10, 2);
  say(descriptor, ":");
  say_number(descriptor, (uint64_t)(rest / 60 % 60), 10, 2);
  say(descriptor, ":");
  say_number(descriptor, (uint64_t)(rest % 60), 10, 2);
  say(descriptor, "Z");
}

// Opens the file of reports, and makes the folders that lead to it.
static int open_report(void) {
  if (!report_path[0]) return -1;
  for (char *at = report_path + 1; *at; at++) {
    if (*at != '/') continue;
    *at = 0;
    mkdir(report_path, 0700);
    *at = '/';
  }
  return open(report_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void report(int descriptor, const char *name, int number, const siginfo_t *info) {
  say_time(descriptor);
  say(descriptor, " ");
  say(descriptor, program);
  say(descriptor, " crashed: ");
  say(descriptor, name);
  if (info->si_code <= 0) {
    say(descriptor, ", sent by a program");  // as abort does to its own
  } else if (number != SIGSYS && number != SIGTRAP) {
    say(descriptor, " at address 0x");
    say_number(descriptor, (uint64_t)(uintptr_t)info->si_addr, 16, 1);
  }
  char thread[17] = "";
  prctl(PR_GET_NAME, thread);
  say(descriptor, ", thread ");
  say(descriptor, thread);
  say(descriptor, "\n");
  say(descriptor, descriptions[atomic_load(&description)]);
  // The rest may wait for a lock that the crash has left closed.
  signal(SIGALRM, SIG_DFL);
  alarm(5);
  void *frames[48];
  backtrace_symbols_fd(frames, backtrace(frames, sizeof frames / sizeof *frames), descriptor);
  say(descriptor, "\n");
}

static void on_crash(int number, siginfo_t *info, void *context) {
  (void)context;
  // Another thread has crashed already and ends the program.
  while (atomic_flag_test_and_set(&has_crashed)) pause();
  ct_crash_restore();
  int which = 0;
  while (which < CRASHES - 1 && crashes[which].number != number) which++;
  const char *name = crashes[which].name;
  const int file = open_report();
  say(people, program);
  say(people, " crashed (");
  say(people, name);
  say(people, ")");
  if (file >= 0) {
    say(people, "; the report is in ");
    say(people, report_path);
  }
  say(people, "\n");
  report(file >= 0 ? file : people, name, number, info);
  if (chains) {
    sigaction(number, &before[which], NULL);
  } else {
    signal(number, SIG_DFL);
  }
  raise(number);  // comes once this handler has returned
}

// The crash may be an overflow of the stack.
enum { CRASH_STACK = 64 * 1024 };

void ct_crash_cover_thread(void) {
  stack_t stack = {.ss_sp = malloc(CRASH_STACK), .ss_size = CRASH_STACK};
  if (stack.ss_sp) sigaltstack(&stack, NULL);  // as long as the thread, and so the program, lives
}

void ct_crash_catch(const char *name, const char *path, bool goes_on) {
  strncpy(program, name, sizeof program - 1);
  strncpy(report_path, path, sizeof report_path - 1);
  static bool is_caught;
  if (is_caught) return;
  is_caught = true;
  chains = goes_on;
  void *frame;
  backtrace(&frame, 1);  // the first call loads a library
  ct_crash_cover_thread();
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_crash;
  action.sa_flags = SA_ONSTACK | SA_SIGINFO;
  sigemptyset(&action.sa_mask);
  // A crash in the handler ends the program at once.
  for (int i = 0; i < CRASHES; i++) sigaddset(&action.sa_mask, crashes[i].number);
  for (int i = 0; i < CRASHES; i++) sigaction(crashes[i].number, &action, &before[i]);
  if (!chains) signal(SIGQUIT, SIG_DFL);  // Swift's runtime takes it for a crash
}

void ct_crash_describe(const char *text) {
  const int other = 1 - atomic_load(&description);
  strncpy(descriptions[other], text, sizeof descriptions[other] - 1);
  atomic_store(&description, other);
}
