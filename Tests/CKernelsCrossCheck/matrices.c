#include "cases.h"

// Activations of a batch, laid out as the kernels want them.
static pare_activations coded(const pare_kernels *k, const float *x, int tokens, int stride) {
  const int layout = tokens == 1 ? k->codes_of_one : k->codes_of_many, together = layout > 1 ? layout : 1;
  const int batch = (tokens + together - 1) / together * together;
  int16_t *codes = scratch((size_t)(batch * stride) * sizeof *codes);
  pare_group *groups = scratch((size_t)(tokens * stride / PARE_GROUP_COLUMNS) * sizeof *groups);
  for (int t = 0; t < tokens; t++)
    k->quantize(x + t * stride, stride, layout, codes + t / together * stride * together + t % together * 2,
                groups + t * stride / PARE_GROUP_COLUMNS);
  return (pare_activations){codes, groups, x, stride};
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
    k->multiply(&w, first, tiles, &by, tokens, y, (size_t)stride, panel);
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
    k->multiply(&w, 0, 1, &by, tokens, y, 16, panel);
    put_floats(y, tokens * 16);
  }
}
