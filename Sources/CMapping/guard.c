#define _GNU_SOURCE
#include "CMapping.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// The handler walks the list while others change it: guards are added at its head, and stay for the next
// mapping when theirs ends.
struct cm_guard {
  _Atomic(uintptr_t) start;  // 0: free
  _Atomic(size_t) bytes;
  atomic_bool lost;
  struct cm_guard *next;
};
static _Atomic(struct cm_guard *) guards;

static _Atomic(uintptr_t) page;
// What handled the signal before, for faults elsewhere.
static struct sigaction before;
static volatile sig_atomic_t is_passing_on;

// Maps zeros in the place of what is left of the mapping; false where the address is in none.
static bool replace(uintptr_t address) {
  for (struct cm_guard *guard = guards; guard; guard = guard->next) {
    const uintptr_t start = guard->start, end = start + guard->bytes;
    if (start == 0 || address < start || address >= end) continue;
    const uintptr_t first = address & ~(page - 1);
    guard->lost = true;
    return mmap((void *)first, end - first, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
        MAP_FAILED;
  }
  return false;
}

static void on_bus_error(int number, siginfo_t *info, void *context) {
  const int saved = errno;
  // From the kernel, about an address: not from another process.
  if (info->si_code > 0 && replace((uintptr_t)info->si_addr)) {
    errno = saved;
    return;
  }
  if (is_passing_on || !(before.sa_flags & SA_SIGINFO || before.sa_handler != SIG_DFL)) {
    signal(number, SIG_DFL);
    raise(number);  // comes once this handler has returned
  } else if (before.sa_flags & SA_SIGINFO) {
    is_passing_on = 1;
    before.sa_sigaction(number, info, context);
  } else if (before.sa_handler != SIG_IGN) {
    is_passing_on = 1;
    before.sa_handler(number);
  }
}

static void install(void) {
  static pthread_mutex_t installing = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&installing);
  struct sigaction current;
  sigaction(SIGBUS, NULL, &current);
  if (!(current.sa_flags & SA_SIGINFO) || current.sa_sigaction != on_bus_error) {
    before = current;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, NULL);
  }
  pthread_mutex_unlock(&installing);
}

cm_guard *cm_guard_begin(void *start, size_t bytes) {
  page = (uintptr_t)sysconf(_SC_PAGESIZE);
  struct cm_guard *guard = guards;
  uintptr_t none = 0;
  // A free guard is taken with a start that no address reaches, until its size is set.
  while (guard && !atomic_compare_exchange_strong(&guard->start, &none, UINTPTR_MAX)) {
    none = 0;
    guard = guard->next;
  }
  if (!guard) {
    guard = calloc(1, sizeof *guard);
    if (!guard) return NULL;
    guard->start = UINTPTR_MAX;
    guard->next = guards;
    while (!atomic_compare_exchange_weak(&guards, &guard->next, guard)) {
    }
  }
  guard->lost = false;
  guard->bytes = (bytes + page - 1) & ~(page - 1);
  guard->start = (uintptr_t)start;
  install();
  return guard;
}

void cm_guard_end(cm_guard *guard) {
  if (guard) guard->start = 0;
}

bool cm_guard_lost(const cm_guard *guard) {
  install();
  return guard && guard->lost;
}
