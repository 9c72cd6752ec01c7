/* store.h: the results as a store of large arrays (lang/store.h). Each is a contiguous data set of
   results.h5, in the folder beside that of the run; its numbers are written to their place in the
   file, and read from there through the page cache. A set gets its name when the results are
   written; one that no result holds goes away. */
#ifndef DYN_REPORT_STORE_H
#define DYN_REPORT_STORE_H

#include "lang/store.h"
#include "report/h5.h"

/* `beside` is the folder that report_write will rename into `folder`. Freed with the arena. */
Store *store_make(Arena *a, const char *folder, const char *beside);

const char *store_beside(const Store *s);
bool store_has_parts(const Store *s); /* of runs that ended early */
/* The file, while arrays are kept in it; -1: it has not been made. */
hid_t store_file(const Store *s);
/* The data set that these numbers are; -1: they are not in the store. */
hid_t store_set(const Store *s, const Tensor *t);
/* Calls fn for each part of a name that a run left: a data set to be linked. */
void store_each_part(Store *s, void (*fn)(void *ctx, const StorePart *p, hid_t set), void *ctx);
/* Nothing more is written: closes the file. Arrays can still be read. */
void store_finish(Store *s, H5 *h5);
/* Removes the folder, if there is one. */
void store_discard(Store *s);

#endif
