#include "layout.h"

static const pare_format_info infos[PARE_FORMAT_COUNT] = {
#define INFO(name, bits, scales, z)                                                    \
  [PARE_##name] = {#name, bits, scales, z,                                             \
                   (scales == PARE_SCALE_DM ? 64 : 32) + (bits) * 64,                  \
                   scales == PARE_SCALE_I16 ? 32                                       \
                   : scales == PARE_SCALE_K32 || scales == PARE_SCALE_K16 ? 64 : 0},
    PARE_CODED_FORMATS(INFO)
#undef INFO
    [PARE_F32] = {"F32", 32, -1, 0, 32 * 64, 0},
    [PARE_F16] = {"F16", 16, -1, 0, 32 * 32, 0},
    [PARE_BF16] = {"BF16", 16, -1, 0, 32 * 32, 0},
};

const pare_format_info *pare_format_info_of(int format) {
  return format >= 0 && format < PARE_FORMAT_COUNT ? &infos[format] : NULL;
}

size_t pare_tile_bytes(int format, int columns) {
  const pare_format_info *info = &infos[format];
  size_t blocks = (size_t)columns / PARE_BLOCK_COLUMNS;
  return blocks * info->block_bytes + (blocks + 7) / 8 * info->super_bytes;
}
