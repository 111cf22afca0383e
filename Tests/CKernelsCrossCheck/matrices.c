#include "cases.h"

// Activations of a batch, laid out as the kernels want them, of some width, with a factor for each token or without.
static pare_activations coded(const pare_kernels *k, const float *x, int tokens, int stride) {
  static const int widths[] = {15, 8, 8, 4};
  const int bits = widths[next_random() % 4], has_factors = next_random() % 3 == 0;
  const int layout = pare_codes_layout(k, bits, tokens), together = pare_tokens_together(layout);
  const int batch = (tokens + together - 1) / together * together;
  int16_t *codes = scratch((size_t)(batch * stride) * sizeof *codes);
  int16_t *pairs = scratch((size_t)(batch * stride) * sizeof *pairs);
  pare_group *groups = scratch((size_t)(tokens * stride / PARE_GROUP_COLUMNS) * sizeof *groups);
  float *factors = scratch((size_t)tokens * sizeof *factors);
  if (k->takes_pairs_too)
    for (int t = 0; t < tokens; t++)
      k->quantize(x + t * stride, stride, bits, has_factors, pare_codes_layout(k, 15, tokens),
                  pare_codes_at(pairs, stride, pare_codes_layout(k, 15, tokens), t, 0),
                  groups + t * stride / PARE_GROUP_COLUMNS);
  for (int t = 0; t < tokens; t++)
    factors[t] = k->quantize(x + t * stride, stride, bits, has_factors, layout,
                             pare_codes_at(codes, stride, layout, t, 0), groups + t * stride / PARE_GROUP_COLUMNS);
  return (pare_activations){codes, pairs, groups, x, has_factors ? factors : NULL, stride, bits};
}

// Random bytes in every format. A few of their scales are no numbers; rows without such are plenty.
void multiply_case(const pare_kernels *k) {
  const int columns = padded(up_to(600)), tiles = up_to(3), first = (int)(next_random() % (uint64_t)tiles);
  const int tokens = next_random() % 3 ? 1 + up_to(15) : 1, stride = tiles * PARE_TILE_ROWS + up_to(9);
  const int x_stride = whole_groups(columns);
  const pare_activations by = coded(k, floats(tokens * x_stride), tokens, x_stride);
  const uint8_t *table = random_bytes(16);
  void *panel = scratch(PARE_PANEL_BYTES);
  for (int format = 0; format < PARE_FORMAT_COUNT; format++) {
    const uint8_t *data = random_bytes((size_t)tiles * pare_tile_bytes(format, columns));
    const pare_matrix w = {data, format, tiles * PARE_TILE_ROWS, columns, 0.75f, table};
    float *y = scratch((size_t)(tokens * stride) * sizeof *y);
    pare_multiply(k, &w, first, tiles, &by, tokens, y, (size_t)stride, panel);
    put_floats(y, tokens * stride);
  }
}

static const int encoded[] = {PARE_D8, PARE_D2, PARE_K6, PARE_K5, PARE_K4, PARE_K2, PARE_X3, PARE_X1};
enum { ENCODED = sizeof encoded / sizeof encoded[0] };

void encode_case(const pare_kernels *k) {
  const int count = padded(up_to(PARE_SUPER_COLUMNS)), shrink = up_to(20);
  float *columns = floats(count * 16), *importance = floats(count);
  for (int i = 0; i < count * 16; i++) columns[i] = ldexpf(columns[i], -shrink);  // weights are small
  for (int i = 0; i < count; i++) importance[i] = fabsf(importance[i]);
  const int weighted = next_random() % 4 > 0;
  for (int f = 0; f < ENCODED; f++) {
    uint8_t *codes = scratch((size_t)count * 16);
    uint8_t *tile = scratch(pare_tile_bytes(encoded[f], count));
    k->encode(encoded[f], columns, weighted ? importance : NULL, count, codes, tile);
    put_bytes(codes, (size_t)count * 16);
    put_bytes(tile, pare_tile_bytes(encoded[f], count));
  }
}

// Rows encoded, packed, and multiplied: every value that a format is made for, with scales that fit.
void pack_case(const pare_kernels *k) {
  const int columns = padded(up_to(600)), tokens = up_to(8);
  const float *values = floats(16 * columns), *x = floats(tokens * whole_groups(columns));
  const float *rows[PARE_TILE_ROWS];
  for (int r = 0; r < PARE_TILE_ROWS; r++) rows[r] = next_random() % 16 ? values + r * columns : NULL;
  const pare_activations by = coded(k, x, tokens, whole_groups(columns));
  void *panel = scratch(PARE_PANEL_BYTES);
  for (int f = 0; f < ENCODED + 3; f++) {
    const int format = f < ENCODED ? encoded[f] : PARE_F32 + f - ENCODED;
    uint8_t *tile = scratch(pare_tile_bytes(format, columns));
    pare_encode_tile(k, format, rows, NULL, columns, tile);
    const pare_matrix w = {tile, format, 16, columns, pare_format_info_of(format)->encoded_factor, NULL};
    float *y = scratch((size_t)tokens * 16 * sizeof *y);
    pare_multiply(k, &w, 0, 1, &by, tokens, y, 16, panel);
    put_floats(y, tokens * 16);
  }
}
