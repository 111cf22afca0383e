// Compares every kernel of every set that this CPU runs with the scalar one, to the last bit: what `pare
// bench --self-test` does, in C alone, so that it also runs where there is no Swift, such as in an emulator.
//
//   check [ROUNDS]         compares; 20 rounds unless told
//   check ROUNDS --break   also breaks one kernel after another, and demands that it is found
//
// The checksum at the end is of the scalar set's results, for a comparison of machines.
#include <stdio.h>
#include <stdlib.h>
#include "cases.h"
#include "sabotage.h"

static const struct { const char *name; check_case *run; } cases[] = {
    {"elementwise", elementwise_case}, {"logarithm", logarithm_case}, {"quantize", quantize_case},
    {"half", half_case}, {"multiply", multiply_case}, {"encode", encode_case}, {"pack", pack_case},
    {"store", store_case}, {"attention", attention_case},
};
enum { CASES = sizeof cases / sizeof cases[0], MOST_RESULTS = 1 << 22, SCRATCH_BYTES = 64 << 20 };

typedef struct { float *values; int count; } results;
static results *current;
static uint64_t random_state;
static uint8_t *scratch_memory;
static size_t scratch_used;

static void fail(const char *what) {
  fprintf(stderr, "check: %s\n", what);
  exit(2);
}

void put(float value) {
  if (current->count == MOST_RESULTS) fail("too many results");
  current->values[current->count++] = value;
}

uint64_t next_random(void) {  // SplitMix64
  uint64_t z = random_state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

void *scratch(size_t bytes) {
  void *p = scratch_memory + scratch_used;
  scratch_used += (bytes + 127) / 64 * 64;  // at least 64 bytes between two
  if (scratch_used > SCRATCH_BYTES) fail("too little scratch memory");
  return memset(p, 0, bytes);
}

static void run(int c, const pare_kernels *kernels, uint64_t seed, results *into) {
  random_state = seed * CASES + (uint64_t)c;
  scratch_used = 0;
  into->count = 0;
  current = into;
  cases[c].run(kernels);
}

static uint32_t bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  return isnan(x) ? 0x7fc00000 : bits;  // sets may write another pattern for what is no number
}

// The first place that differs, or −1.
static int difference(const results *a, const results *b) {
  if (a->count != b->count) return a->count < b->count ? a->count : b->count;
  for (int i = 0; i < a->count; i++)
    if (bits_of(a->values[i]) != bits_of(b->values[i])) return i;
  return -1;
}

int main(int argc, char **argv) {
  const uint64_t rounds = argc > 1 ? strtoull(argv[1], NULL, 10) : 20;
  if (!rounds || argc > 3 || (argc == 3 && strcmp(argv[2], "--break")))
    fail("usage: check [ROUNDS [--break]]");
  results expected = {malloc(MOST_RESULTS * sizeof(float)), 0};
  results actual = {malloc(MOST_RESULTS * sizeof(float)), 0};
  scratch_memory = aligned_alloc(64, SCRATCH_BYTES);
  if (!expected.values || !actual.values || !scratch_memory) fail("out of memory");

  int sets = 0, failures = 0;
  while (pare_kernels_at(sets)) sets++;
  const pare_kernels *scalar = pare_kernels_at(sets - 1);
  uint64_t checksum = 0;
  long compared[CASES] = {0};
  int is_found[SABOTAGES] = {0};
  for (int c = 0; c < CASES; c++)
    for (uint64_t seed = 1; seed <= rounds; seed++) {
      run(c, scalar, seed, &expected);
      compared[c] += expected.count;
      for (int i = 0; i < expected.count; i++)
        checksum = (checksum ^ bits_of(expected.values[i])) * 0x100000001b3u;
      for (int s = 0; s < sets - 1; s++) {
        run(c, pare_kernels_at(s), seed, &actual);
        const int at = difference(&expected, &actual);
        if (at < 0) continue;
        failures++;
        printf("%s differs: %s, seed %llu, value %d is %g and should be %g\n",
               pare_kernels_at(s)->name, cases[c].name,
               (unsigned long long)seed, at, actual.values[at], expected.values[at]);
      }
      for (int b = 0; argc == 3 && b < SABOTAGES; b++) {
        const pare_kernels broken = sabotaged(scalar, b);
        run(c, &broken, seed, &actual);
        is_found[b] |= difference(&expected, &actual) >= 0;
      }
    }
  for (int b = 0; argc == 3 && b < SABOTAGES; b++)
    if (!is_found[b]) failures++, printf("a broken %s was not found\n", sabotage_name(b));

  // Roofs only have to run: what they measure is time.
  int32_t whole_sum = 0;
  float sum = 0;
  const int64_t read = pare_roof_read(scratch_memory, 4096);
  if (!(pare_roof_int8(100, &whole_sum) > 0 && whole_sum && pare_roof_fma(100, &sum) > 0 &&
        isfinite(sum) && read))
    failures++, printf("a roof computes nothing\n");

  for (int s = 0; s < sets; s++) printf("%s%s", s ? ", " : "sets: ", pare_kernels_at(s)->name);
  printf("\nvalues compared in %llu rounds:", (unsigned long long)rounds);
  for (int c = 0; c < CASES; c++) printf(" %s %ld", cases[c].name, compared[c]);
  printf("\nchecksum of the scalar results: %016llx\n", (unsigned long long)checksum);
  printf("%s\n", failures ? "FAILED" : "all agree");
  return failures > 0;
}
