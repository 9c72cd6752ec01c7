/* record.h: which quantities a run records, and records by name from them: "E.r" becomes the field
   r of the field E. */
#ifndef DYN_VERB_RECORD_H
#define DYN_VERB_RECORD_H

#include "verb/setup.h"

typedef VEC(Quantity) Quantities;

/* States and outputs, in the order of the text. */
void record_all(const Setup *s, Quantities *out);
/* Those that `names` lists (NULL: all). False: reported. */
bool record_choose(const Setup *s, Value *names, Where at, Quantities *out);

/* The values by name, nested; two fields may come first: none if name is NULL. */
Value *record_nested(Ev *ev, const char *type, const Field *fields, int n);

/* The memory that `rows` rows of all quantities take; 0 while that is not known. */
double record_bytes(const Quantities *q, int64_t rows, int64_t trials);
/* The error, to which a note is to be added: NULL if it is known already. */
Diag *record_too_large(const Setup *s, int64_t rows, double bytes);
void record_advise(const Setup *s, Diag *d); /* that note */

/* The shape of a quantity with leading axes of these extents (-2: not there). */
Shape record_shape(Shape s, int64_t trials, int64_t rows);
enum { RECORD_NO_AXIS = -2 };

#endif
