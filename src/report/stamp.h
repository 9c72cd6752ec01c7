/* stamp.h: where a file came from, put into it when it is there: text that stands in a place that
   its format has for such, so that every reader reads it as before. */
#ifndef DYN_REPORT_STAMP_H
#define DYN_REPORT_STAMP_H

#include "base/arena.h"

/* By the ending of its name; a file that cannot be stamped, or is not there, stays as it is. What
   it says of the time when it was made is taken out. */
void stamp_file(Arena *a, const char *path, const char *text);
/* Of a .csv, which has no such place: the file that describes it (W3C, Model for Tabular Data and
   Metadata on the Web, 2015, section 5.3). */
const char *stamp_beside(Arena *a, const char *path);
bool stamp_csv(Arena *a, const char *path, const char *text, const char **why);

#endif
