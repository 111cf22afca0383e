#define _GNU_SOURCE
#include "CKernels.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#endif

int pare_processors(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

struct pare_barrier {
  _Alignas(64) _Atomic uint32_t arrived;
  _Alignas(64) _Atomic uint32_t generation;
  _Atomic uint32_t sleepers;
  uint32_t count;
  _Atomic uint64_t opened;  // when the last thread came, where others slept
};

// Nanoseconds that this thread has slept at barriers, without the time until it was scheduled again.
static _Thread_local uint64_t slept;

// Spins before a thread sleeps, some 40 µs: the stages of a pass are shorter, so a thread sleeps only when
// another was preempted, which then perhaps needs this one's processor.
enum { PATIENCE = 2000 };

pare_barrier *pare_barrier_new(int count) {
  pare_barrier *barrier = aligned_alloc(64, sizeof *barrier);
  if (!barrier) abort();
  *barrier = (pare_barrier){.count = (uint32_t)count};
  return barrier;
}

void pare_barrier_free(pare_barrier *barrier) { free(barrier); }

void pare_barrier_set_count(pare_barrier *barrier, int count) { barrier->count = (uint32_t)count; }

uint32_t pare_barrier_meetings(const pare_barrier *barrier) {
  return atomic_load_explicit(&barrier->generation, memory_order_relaxed);
}

static uint64_t nanoseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t pare_thread_time(void) { return nanoseconds(CLOCK_THREAD_CPUTIME_ID) + slept; }

static void sleep_while(pare_barrier *barrier, uint32_t generation) {
#if defined(__linux__)
  syscall(SYS_futex, &barrier->generation, FUTEX_WAIT_PRIVATE, generation, NULL, NULL, 0);
#else
  (void)barrier, (void)generation;
  sched_yield();
#endif
}

static void wake_all(pare_barrier *barrier) {
#if defined(__linux__)
  syscall(SYS_futex, &barrier->generation, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
#else
  (void)barrier;
#endif
}

void pare_barrier_wait(pare_barrier *barrier) {
  // The count is read before this thread's arrival is visible, since others may change it then.
  const uint32_t count = barrier->count;
  const uint32_t now = atomic_load_explicit(&barrier->generation, memory_order_relaxed);
  if (atomic_fetch_add_explicit(&barrier->arrived, 1, memory_order_acq_rel) + 1 == count) {
    atomic_store_explicit(&barrier->arrived, 0, memory_order_relaxed);
    // Sequentially consistent, as is the sleeper's side: either it sees the new generation or is seen here.
    atomic_store(&barrier->generation, now + 1);
    if (atomic_load(&barrier->sleepers)) {
      atomic_store_explicit(&barrier->opened, nanoseconds(CLOCK_MONOTONIC), memory_order_relaxed);
      wake_all(barrier);
    }
    return;
  }
  for (int spins = 0; spins < PATIENCE; spins++) {
    if (atomic_load_explicit(&barrier->generation, memory_order_acquire) != now) return;
    pare_pause();
  }
  const uint64_t since = nanoseconds(CLOCK_MONOTONIC);
  atomic_fetch_add(&barrier->sleepers, 1);
  while (atomic_load(&barrier->generation) == now) sleep_while(barrier, now);
  atomic_fetch_sub(&barrier->sleepers, 1);
  const uint64_t opened = atomic_load_explicit(&barrier->opened, memory_order_relaxed);
  if (opened > since) slept += opened - since;
}
