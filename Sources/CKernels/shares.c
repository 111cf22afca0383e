#include "CKernels.h"

#include <stdatomic.h>
#include <stdlib.h>

// The range that a worker has left to do, its first and its end in one word, so that one atomic instruction
// claims a part of it.
typedef struct {
  _Alignas(64) _Atomic uint64_t left;
} share;

struct pare_shares {
  int count;
  share of[];
};

static uint64_t range_of(uint32_t first, uint32_t end) { return (uint64_t)end << 32 | first; }

pare_shares *pare_shares_new(int count) {
  pare_shares *shares = aligned_alloc(64, sizeof *shares + sizeof(share) * (size_t)count);
  if (!shares) abort();
  shares->count = count;
  for (int i = 0; i < count; i++) atomic_init(&shares->of[i].left, 0);
  return shares;
}

void pare_shares_free(pare_shares *shares) { free(shares); }

// A barrier lies between two uses, and orders these stores: other workers see either the new range or the
// last one, used up.
void pare_shares_set(pare_shares *shares, int worker, int first, int end) {
  const uint64_t range = range_of((uint32_t)first, (uint32_t)end);
  atomic_store_explicit(&shares->of[worker].left, range, memory_order_relaxed);
}

// Claims a part from the front of a range, or from its back; returns its size.
static int claim(share *share, int least, int from_back, int *first) {
  uint64_t left = atomic_load_explicit(&share->left, memory_order_relaxed);
  for (;;) {
    const uint32_t low = (uint32_t)left, high = (uint32_t)(left >> 32);
    if (low >= high) return 0;
    const uint32_t half = from_back ? 0 : (high - low + 1) / 2;
    const uint32_t wanted = half > (uint32_t)least ? half : (uint32_t)least;
    const uint32_t n = wanted < high - low ? wanted : high - low;
    const uint64_t rest = from_back ? range_of(low, high - n) : range_of(low + n, high);
    if (atomic_compare_exchange_weak_explicit(&share->left, &left, rest, memory_order_relaxed,
                                              memory_order_relaxed)) {
      *first = (int)(from_back ? high - n : low);
      return (int)n;
    }
  }
}

int pare_shares_claim(pare_shares *shares, int worker, int least, int *first) {
  const int n = claim(&shares->of[worker], least, 0, first);
  if (n) return n;
  for (int i = 1; i < shares->count; i++) {
    const int stolen = claim(&shares->of[(worker + i) % shares->count], least, 1, first);
    if (stolen) return stolen;
  }
  return 0;
}
