/* told_parts.h: what the two files of told.h share. */
#ifndef DYN_LANG_TOLD_PARTS_H
#define DYN_LANG_TOLD_PARTS_H

#include "lang/told.h"

typedef struct Hearing {
  Ev *ev;
  const ToldAbout *about;
  BytesReader bytes;
  Where at; /* of what is being told */
} Hearing;

/* A place that is in no tree is left out unless it is needed. */
void told_put_place(Telling *t, Where at, bool needed);
Where told_take_place(Hearing *h);
void told_put_value(Telling *t, const Value *v);
/* Of bytes that are not sound: an error value. */
Value *told_take_value(Hearing *h);

#endif
