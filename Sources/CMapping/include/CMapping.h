// Mapped files whose bytes may go away: a file that another program shortens, or a disk that fails, ends a
// reader of its mapping with SIGBUS. Reads of a guarded mapping find zeros instead, and the guard tells.
#pragma once
#include <stdbool.h>
#include <stddef.h>

typedef struct cm_guard cm_guard;

// Guards a mapping of whole pages; null without memory. It ends before the mapping does.
cm_guard *cm_guard_begin(void *start, size_t bytes);
void cm_guard_end(cm_guard *guard);

// Whether some bytes were lost. Also puts the handler back where something replaced it.
bool cm_guard_lost(const cm_guard *guard);
