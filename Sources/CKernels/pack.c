// Packing: the blocks of a GGUF file, or f32 rows, laid out in the tiles of CKernels.h.
#include "blocks.h"
#include "codebooks.h"
#include "vectors.h"

typedef uint8_t tile_codes[PARE_TILE_ROWS][PARE_BLOCK_COLUMNS];

// The codes of a block as its quads.
typedef uint32_t code_quads[8][PARE_TILE_ROWS];

static void join_quads(const tile_codes codes, code_quads quads) {
  for (int r = 0; r < PARE_TILE_ROWS; r++)
    for (int h = 0; h < 2; h++) {
      const u8x16 c = *(const u8x16u *)(codes[r] + 16 * h);
      const u8x16 joined = __builtin_shufflevector(c, c, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7,
                                                   15);
      for (int k = 0; k < 4; k++) memcpy(&quads[4 * h + k][r], (const uint8_t *)&joined + 4 * k, 4);
    }
}

ALWAYS_INLINE void put_plane(int bits, int shift, const code_quads quads, uint8_t *plane) {
  const int per_vector = 8 / bits;
  const uint32_t mask = ((1u << bits) - 1) * 0x01010101;
  for (int v = 0; v < bits; v++) {
    uint32_t lanes[PARE_TILE_ROWS] = {0};
    for (int k = 0; k < per_vector; k++)
      for (int r = 0; r < PARE_TILE_ROWS; r++)
        lanes[r] |= (quads[v * per_vector + k][r] >> shift & mask) << (bits * k);
    memcpy(plane + 64 * v, lanes, sizeof lanes);
  }
}

static void put_codes(int bits, int zero, const tile_codes codes, uint8_t *planes) {
  code_quads quads;
  join_quads(codes, quads);
  if (zero == PARE_TRELLIS) {  // first bits come first
    put_plane(1, 0, quads, planes);
    if (bits == 3) put_plane(2, 1, quads, planes + plane_bytes(1));
    return;
  }
  switch (bits) {
    case 1: put_plane(1, 0, quads, planes); break;
    case 2: put_plane(2, 0, quads, planes); break;
    case 3: put_plane(2, 0, quads, planes), put_plane(1, 2, quads, planes + plane_bytes(2)); break;
    case 4: put_plane(4, 0, quads, planes); break;
    case 5: put_plane(4, 0, quads, planes), put_plane(1, 4, quads, planes + plane_bytes(4)); break;
    case 6: put_plane(4, 0, quads, planes), put_plane(2, 4, quads, planes + plane_bytes(4)); break;
    case 8: put_plane(8, 0, quads, planes); break;
  }
}

ALWAYS_INLINE void pack_codes(int type, int format, int elements, int bytes,
                              const uint8_t *const rows[PARE_TILE_ROWS], int columns, const void *codebook,
                              uint8_t *out) {
  const pare_format_info *info = pare_format_info_of(format);
  const int runs = elements / PARE_BLOCK_COLUMNS;
  const size_t scales = scale_bytes(info->scales);
  tile_codes codes;
  uint8_t *super = out;
  for (int b = 0; b < columns / PARE_BLOCK_COLUMNS; b++) {
    if (b % 8 == 0) {
      super = out;
      memset(super, 0, info->super_bytes);
      out += info->super_bytes;
    }
    memset(out, 0, scales);
    for (int r = 0; r < PARE_TILE_ROWS; r++) {
      const uint8_t *in = rows[r] ? rows[r] + (size_t)(b / runs) * bytes : NULL;
      if (!in)
        memset(codes[r], info->scales == PARE_SCALE_ONE ? info->zero : 0, sizeof codes[r]);
      else if (is_codebook(type))
        read_points(type, in, b % runs, r, codebook, codes[r], out, super);
      else
        read_block(type, in, b % runs, r, codes[r], out, super);
      // Without scales, blocks of zeros differ in their codes alone.
      if (in && type != I2_S && info->scales == PARE_SCALE_ONE && !(u16_at(in + bytes - 2) & 0x7fff))
        memset(codes[r], info->zero, sizeof codes[r]);
    }
    put_codes(info->bits, info->zero, codes, out + scales);
    out += info->block_bytes;
  }
}

// Interleaves 16 rows of plain elements.
static void pack_elements(size_t size, const uint8_t *const rows[PARE_TILE_ROWS], int columns, uint8_t *out) {
  for (int k = 0; k < columns; k++)
    for (int r = 0; r < PARE_TILE_ROWS; r++, out += size) {
      if (rows[r])
        memcpy(out, rows[r] + (size_t)k * size, size);
      else
        memset(out, 0, size);
    }
}

void pare_pack_tile(int type, int format, const uint8_t *const rows[PARE_TILE_ROWS], int columns, const void *codebook,
                    uint8_t *tile) {
  if (format == PARE_T2 && type == TQ1_0)
    return pack_codes(TQ1_0, PARE_T2, 256, 54, rows, columns, codebook, tile);
  if (format == PARE_T2 && type == TQ2_0)
    return pack_codes(TQ2_0, PARE_T2, 256, 66, rows, columns, codebook, tile);
  switch (type) {
    case F32: pack_elements(4, rows, columns, tile); break;
    case F16:
    case BF16: pack_elements(2, rows, columns, tile); break;
#define CASE(type, id, format, elements, bytes, factor, table) \
  case type: pack_codes(type, PARE_##format, elements, bytes, rows, columns, codebook, tile); break;
    PACKED_TYPES(CASE)
#undef CASE
  }
}

float pare_encode_tile(const pare_kernels *kernels, int format, const float *const rows[PARE_TILE_ROWS],
                       const float *importance, int columns, uint8_t *out) {
  const pare_format_info *info = pare_format_info_of(format);
  float largest = 0;
  if (info->scales < 0) {
    for (int k = 0; k < columns; k++) {
      float x[PARE_TILE_ROWS];
      for (int r = 0; r < PARE_TILE_ROWS; r++) {
        x[r] = rows[r] ? rows[r][k] : 0;
        const float size = fabsf(x[r]) <= FLT_MAX ? fabsf(x[r]) : INFINITY;
        largest = size > largest ? size : largest;
      }
      if (format == PARE_F16) kernels->to_half(x, PARE_TILE_ROWS, (uint16_t *)out + (size_t)k * 16);
      for (int r = 0; r < PARE_TILE_ROWS; r++) {
        if (format == PARE_F32) memcpy(out + ((size_t)k * 16 + r) * 4, &x[r], 4);
        if (format == PARE_BF16) memcpy(out + ((size_t)k * 16 + r) * 2, (uint8_t *)&x[r] + 2, 2);
      }
    }
    return largest;
  }
  if (format == PARE_T2) {  // weights are −1, 0 and 1
    for (int first = 0; first < columns; first += PARE_BLOCK_COLUMNS, out += info->block_bytes) {
      tile_codes codes;
      for (int r = 0; r < PARE_TILE_ROWS; r++)
        for (int c = 0; c < PARE_BLOCK_COLUMNS; c++)
          codes[r][c] = (uint8_t)(info->zero + (rows[r] ? (int)rows[r][first + c] : 0));
      put_codes(info->bits, info->zero, codes, out);
    }
    return 1;
  }
  for (int first = 0; first < columns; first += PARE_SUPER_COLUMNS) {
    const int count = columns - first < PARE_SUPER_COLUMNS ? columns - first : PARE_SUPER_COLUMNS;
    float by_column[PARE_SUPER_COLUMNS][PARE_TILE_ROWS];
    uint8_t encoded[PARE_SUPER_COLUMNS][PARE_TILE_ROWS];
    for (int c = 0; c < count; c++)
      for (int r = 0; r < PARE_TILE_ROWS; r++) by_column[c][r] = rows[r] ? rows[r][first + c] : 0;
    const float size =
      kernels->encode(format, by_column[0], importance ? importance + first : NULL, count, encoded[0], out);
    largest = size > largest ? size : largest;
    out += info->super_bytes;
    for (int b = 0; b < count / PARE_BLOCK_COLUMNS; b++) {
      tile_codes codes;
      for (int r = 0; r < PARE_TILE_ROWS; r++)
        for (int c = 0; c < PARE_BLOCK_COLUMNS; c++) codes[r][c] = encoded[b * PARE_BLOCK_COLUMNS + c][r];
      put_codes(info->bits, info->zero, codes, out + scale_bytes(info->scales));
      out += info->block_bytes;
    }
  }
  return largest;
}
