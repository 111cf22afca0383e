// Packing: the blocks of a GGUF file, or f32 rows, laid out in the tiles of CKernels.h.
// Block layouts: GGUF's, as the `gguf` package documents them.
#include "vectors.h"

// Type ids of GGUF.
enum { Q4_0 = 2, Q4_1 = 3, Q5_0 = 6, Q5_1 = 7, Q8_0 = 8, Q2_K = 10, Q3_K = 11, Q4_K = 12, Q5_K = 13, Q6_K = 14 };

typedef uint8_t tile_codes[PARE_TILE_ROWS][PARE_BLOCK_COLUMNS];

ALWAYS_INLINE void put_plane(int bits, int shift, const tile_codes codes, uint8_t *plane) {
  const int per_vector = 16 / bits, mask = (1 << bits) - 1;
  for (int v = 0; v < bits; v++)
    for (int r = 0; r < PARE_TILE_ROWS; r++) {
      const uint8_t *c = codes[r] + 2 * v * per_vector;
      uint32_t lane = 0;
      for (int i = 0; i < per_vector; i++)
        lane |= (uint32_t)(c[2 * i] >> shift & mask) << (bits * i) |
                (uint32_t)(c[2 * i + 1] >> shift & mask) << (16 + bits * i);
      memcpy(plane + 64 * v + 4 * r, &lane, 4);
    }
}

static void put_codes(int bits, const tile_codes codes, uint8_t *planes) {
  switch (bits) {
    case 1: put_plane(1, 0, codes, planes); break;
    case 2: put_plane(2, 0, codes, planes); break;
    case 3: put_plane(2, 0, codes, planes), put_plane(1, 2, codes, planes + 128); break;
    case 4: put_plane(4, 0, codes, planes); break;
    case 5: put_plane(4, 0, codes, planes), put_plane(1, 4, codes, planes + 256); break;
    case 6: put_plane(4, 0, codes, planes), put_plane(2, 4, codes, planes + 256); break;
    case 8: put_plane(8, 0, codes, planes); break;
  }
}

int pare_format_of_gguf(int type) {
  switch (type) {
    case 0: return PARE_F32;
    case 1: return PARE_F16;
    case 30: return PARE_BF16;
    case Q4_0: return PARE_D4;
    case Q4_1: return PARE_DM4;
    case Q5_0: return PARE_D5;
    case Q5_1: return PARE_DM5;
    case Q8_0: return PARE_D8;
    case Q2_K: return PARE_K2;
    case Q3_K: return PARE_I3;
    case Q4_K: return PARE_K4;
    case Q5_K: return PARE_K5;
    case Q6_K: return PARE_I6;
    default: return -1;
  }
}

static size_t gguf_block_bytes(int type) {
  switch (type) {
    case Q4_0: return 18;
    case Q4_1: return 20;
    case Q5_0: return 22;
    case Q5_1: return 24;
    case Q8_0: return 34;
    case Q2_K: return 84;
    case Q3_K: return 110;
    case Q4_K: return 144;
    case Q5_K: return 176;
    default: return 210;  // Q6_K
  }
}

ALWAYS_INLINE void nibbles(const uint8_t *bytes, uint8_t *codes) {
  for (int i = 0; i < 16; i++) codes[i] = bytes[i] & 15, codes[16 + i] = bytes[i] >> 4;
}
ALWAYS_INLINE void add_fifth_bits(const uint8_t *bits, uint8_t *codes) {
  for (int i = 0; i < 32; i++) codes[i] |= (bits[i / 8] >> (i % 8) & 1) << 4;
}

// Types of 32 elements a block: codes of row `r`, and its scales in the block at `out`.
ALWAYS_INLINE void read_simple(int type, const uint8_t *in, int r, uint8_t *codes, uint8_t *out) {
  memcpy(out + 2 * r, in, 2);
  switch (type) {
    case Q4_0: nibbles(in + 2, codes); break;
    case Q4_1:
      memcpy(out + 32 + 2 * r, in + 2, 2);
      nibbles(in + 4, codes);
      break;
    case Q5_0:
      nibbles(in + 6, codes);
      add_fifth_bits(in + 2, codes);
      break;
    case Q5_1:
      memcpy(out + 32 + 2 * r, in + 2, 2);
      nibbles(in + 8, codes);
      add_fifth_bits(in + 4, codes);
      break;
    case Q8_0: memcpy(codes, in + 2, 32); break;
  }
}

// The 6-bit scale and offset of sub-block j of Q4_K and Q5_K.
ALWAYS_INLINE void k4_scale(const uint8_t *s, int j, uint8_t *scale, uint8_t *offset) {
  if (j < 4) {
    *scale = s[j] & 63;
    *offset = s[j + 4] & 63;
  } else {
    *scale = (s[j + 4] & 15) | (s[j - 4] >> 6) << 4;
    *offset = s[j + 4] >> 4 | (s[j] >> 6) << 4;
  }
}

// Types of 256 elements: sub-block `b` (32 elements) of row `r`; at b = 0 also the scales for all 256.
ALWAYS_INLINE void read_super(int type, const uint8_t *in, int b, int r, uint8_t *codes, uint8_t *out,
                              uint8_t *super) {
  const int half = b / 4, quarter = b % 4;
  const uint8_t *d = in + (type == Q2_K ? 80 : type == Q3_K ? 108 : type == Q6_K ? 208 : 0);
  if (b == 0) memcpy(super + 2 * r, d, 2);
  if (b == 0 && (type == Q4_K || type == Q5_K || type == Q2_K)) memcpy(super + 32 + 2 * r, d + 2, 2);
  switch (type) {
    case Q4_K:
    case Q5_K: {
      k4_scale(in + 4, b, out + r, out + 16 + r);
      const uint8_t *low = in + (type == Q4_K ? 16 : 48) + 32 * (b / 2);
      for (int i = 0; i < 32; i++) codes[i] = b % 2 ? low[i] >> 4 : low[i] & 15;
      if (type == Q5_K)
        for (int i = 0; i < 32; i++) codes[i] |= (in[16 + i] >> b & 1) << 4;
      break;
    }
    case Q2_K:
      out[r] = in[2 * b];
      out[16 + r] = in[2 * b + 1];
      for (int i = 0; i < 32; i++) codes[i] = in[16 + 32 * half + i] >> (2 * quarter) & 3;
      break;
    case Q3_K:
      for (int h = 0; h < 2; h++) {
        int j = 2 * b + h;
        const uint8_t *s = in + 96;
        int scale = (j < 8 ? s[j] & 15 : s[j - 8] >> 4) | (s[8 + j % 4] >> (2 * (j / 4)) & 3) << 4;
        out[16 * h + r] = (uint8_t)(scale - 32);
      }
      for (int i = 0; i < 32; i++)
        codes[i] = (in[32 + 32 * half + i] >> (2 * quarter) & 3) | (in[i] >> b & 1) << 2;
      break;
    case Q6_K:
      out[r] = in[192 + 2 * b];
      out[16 + r] = in[192 + 2 * b + 1];
      for (int i = 0; i < 32; i++) {
        uint8_t low = in[64 * half + 32 * (quarter & 1) + i];
        codes[i] = (quarter >= 2 ? low >> 4 : low & 15) | (in[128 + 32 * half + i] >> (2 * quarter) & 3) << 4;
      }
      break;
  }
}

ALWAYS_INLINE void pack_simple(int type, const uint8_t *const rows[PARE_TILE_ROWS], int columns, uint8_t *out) {
  const pare_format_info *info = pare_format_info_of(pare_format_of_gguf(type));
  const size_t stride = gguf_block_bytes(type), scales = scale_bytes(info->scales);
  tile_codes codes;
  for (int b = 0; b < columns / PARE_BLOCK_COLUMNS; b++) {
    for (int r = 0; r < PARE_TILE_ROWS; r++) {
      if (rows[r]) {
        read_simple(type, rows[r] + (size_t)b * stride, r, codes[r], out);
      } else {
        memset(codes[r], 0, sizeof codes[r]);
        memset(out + 2 * r, 0, 2);
        if (scales > 32) memset(out + 32 + 2 * r, 0, 2);
      }
    }
    put_codes(info->bits, codes, out + scales);
    out += info->block_bytes;
  }
}

ALWAYS_INLINE void pack_super(int type, const uint8_t *const rows[PARE_TILE_ROWS], int columns, uint8_t *out) {
  const pare_format_info *info = pare_format_info_of(pare_format_of_gguf(type));
  const size_t stride = gguf_block_bytes(type);
  tile_codes codes;
  uint8_t *super = out;
  for (int b = 0; b < columns / PARE_BLOCK_COLUMNS; b++) {
    if (b % 8 == 0) {
      super = out;
      memset(super, 0, info->super_bytes);
      out += info->super_bytes;
    }
    memset(out, 0, scale_bytes(info->scales));
    for (int r = 0; r < PARE_TILE_ROWS; r++) {
      if (rows[r])
        read_super(type, rows[r] + (size_t)(b / 8) * stride, b % 8, r, codes[r], out, super);
      else
        memset(codes[r], 0, sizeof codes[r]);
    }
    put_codes(info->bits, codes, out + scale_bytes(info->scales));
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

int pare_pack_tile(int type, const uint8_t *const rows[PARE_TILE_ROWS], int columns, uint8_t *tile) {
  switch (type) {
    case 0: pack_elements(4, rows, columns, tile); return 0;
    case 1:
    case 30: pack_elements(2, rows, columns, tile); return 0;
    case Q4_0: pack_simple(Q4_0, rows, columns, tile); return 0;
    case Q4_1: pack_simple(Q4_1, rows, columns, tile); return 0;
    case Q5_0: pack_simple(Q5_0, rows, columns, tile); return 0;
    case Q5_1: pack_simple(Q5_1, rows, columns, tile); return 0;
    case Q8_0: pack_simple(Q8_0, rows, columns, tile); return 0;
    case Q2_K: pack_super(Q2_K, rows, columns, tile); return 0;
    case Q3_K: pack_super(Q3_K, rows, columns, tile); return 0;
    case Q4_K: pack_super(Q4_K, rows, columns, tile); return 0;
    case Q5_K: pack_super(Q5_K, rows, columns, tile); return 0;
    case Q6_K: pack_super(Q6_K, rows, columns, tile); return 0;
    default: return -1;
  }
}

void pare_encode_tile(const pare_kernels *kernels, int format, const float *const rows[PARE_TILE_ROWS],
                      int columns, uint8_t *out) {
  const pare_format_info *info = pare_format_info_of(format);
  if (info->scales < 0) {
    for (int k = 0; k < columns; k++)
      for (int r = 0; r < PARE_TILE_ROWS; r++) {
        float x = rows[r] ? rows[r][k] : 0;
        if (format == PARE_F32) memcpy(out + ((size_t)k * 16 + r) * 4, &x, 4);
        if (format == PARE_F16) kernels->to_half(&x, 1, (uint16_t *)out + (size_t)k * 16 + r);
        if (format == PARE_BF16) memcpy(out + ((size_t)k * 16 + r) * 2, (uint8_t *)&x + 2, 2);
      }
    return;
  }
  for (int b = 0; b < columns / PARE_BLOCK_COLUMNS; b++) {
    float block[PARE_BLOCK_COLUMNS][PARE_TILE_ROWS];
    uint8_t by_column[PARE_BLOCK_COLUMNS][PARE_TILE_ROWS];
    tile_codes codes;
    for (int c = 0; c < PARE_BLOCK_COLUMNS; c++)
      for (int r = 0; r < PARE_TILE_ROWS; r++) block[c][r] = rows[r] ? rows[r][b * PARE_BLOCK_COLUMNS + c] : 0;
    kernels->encode(format, block[0], by_column[0], (uint16_t *)out, (uint16_t *)(out + 32));
    for (int r = 0; r < PARE_TILE_ROWS; r++)
      for (int c = 0; c < PARE_BLOCK_COLUMNS; c++) codes[r][c] = by_column[c][r];
    put_codes(info->bits, codes, out + scale_bytes(info->scales));
    out += info->block_bytes;
  }
}
