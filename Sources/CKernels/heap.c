// What Swift cannot ask the C library for: its headers leave malloc.h out.
#include "include/CKernels.h"

#ifdef __GLIBC__
#include <malloc.h>
void pare_trim_heap(void) { malloc_trim(0); }
#else
void pare_trim_heap(void) {}
#endif
