#include "blocks.h"

static const pare_format_info infos[PARE_FORMAT_COUNT] = {
#define INFO(name, bits, scales, z)                                                                \
  [PARE_##name] = {#name, bits, scales, z, SCALE_BYTES(scales) + (bits) * 64, SUPER_BYTES(scales), \
                   SUPER_BYTES(scales) ? 1.0f / 1024 : 1},
    PARE_CODED_FORMATS(INFO)
#undef INFO
    [PARE_F32] = {"F32", 32, -1, 0, 32 * 64, 0, 1},
    [PARE_F16] = {"F16", 16, -1, 0, 32 * 32, 0, 1},
    [PARE_BF16] = {"BF16", 16, -1, 0, 32 * 32, 0, 1},
};

const pare_format_info *pare_format_info_of(int format) {
  return format >= 0 && format < PARE_FORMAT_COUNT ? &infos[format] : NULL;
}

size_t pare_tile_bytes(int format, int columns) {
  const pare_format_info *info = &infos[format];
  size_t blocks = (size_t)columns / PARE_BLOCK_COLUMNS;
  return blocks * info->block_bytes + (blocks + 7) / 8 * info->super_bytes;
}

// Values of codes, moved up by PARE_TABLE.
#define VALUES(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)                                          \
  {                                                                                                     \
    a + PARE_TABLE, b + PARE_TABLE, c + PARE_TABLE, d + PARE_TABLE, e + PARE_TABLE, f + PARE_TABLE,     \
        g + PARE_TABLE, h + PARE_TABLE, i + PARE_TABLE, j + PARE_TABLE, k + PARE_TABLE, l + PARE_TABLE, \
        m + PARE_TABLE, n + PARE_TABLE, o + PARE_TABLE, p + PARE_TABLE                                  \
  }

static const uint8_t iq4_table[16] =
    VALUES(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);
// Twice the values of E2M1. The scales of MXFP4 and NVFP4 are halved for it.
static const uint8_t fp4_table[16] = VALUES(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);
// Eight times the values of points moved up, and down, by 1/8.
static const uint8_t iq1_table[16] = VALUES(-7, 1, 9, 0, 0, 0, 0, 0, -9, -1, 7, 0, 0, 0, 0, 0);
static const uint8_t iq2_table[16] = VALUES(8, 25, 43, 0, 0, 0, 0, 0, -8, -25, -43, 0, 0, 0, 0, 0);
static const uint8_t iq3_xxs_table[16] =
    VALUES(4, 12, 20, 28, 36, 44, 52, 62, -4, -12, -20, -28, -36, -44, -52, -62);
static const uint8_t iq3_s_table[16] = VALUES(1, 3, 5, 7, 9, 11, 13, 15, -1, -3, -5, -7, -9, -11, -13, -15);

static const pare_packing packings[] = {
    [F32] = {PARE_F32, 1, 4, 1, NULL},
    [F16] = {PARE_F16, 1, 2, 1, NULL},
    [BF16] = {PARE_BF16, 1, 2, 1, NULL},
#define PACKING(type, id, format, elements, bytes, factor, table) \
  [id] = {PARE_##format, elements, bytes, factor, table},
    PACKED_TYPES(PACKING)
#undef PACKING
};

const pare_packing *pare_packing_of_gguf(int type) {
  const int count = sizeof packings / sizeof packings[0];
  return type >= 0 && type < count && packings[type].elements > 0 ? &packings[type] : NULL;
}

size_t pare_kv_tile_bytes(int bits, int width) { return kv_tile_bytes(bits, width); }
