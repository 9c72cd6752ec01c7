/* form.h: the ops that change an array's form or reduce it, as functions on values. All work on
   concrete, traced and rehearsed arrays, and give an error value for an error value. */
#ifndef DYN_LANG_FORM_H
#define DYN_LANG_FORM_H

#include "lang/eval.h"

Value *form_reshape(Ev *ev, Value *x, Shape s, Where at);
Value *form_flatten(Ev *ev, Value *x, Where at);
Value *form_transpose(Ev *ev, Value *x, const int *order,
                      Where at); /* axis k is axis order[k] of x */
Value *form_move_axis(Ev *ev, Value *x, int from, int to, Where at);
Value *form_insert_axis(Ev *ev, Value *x, int axis, Where at); /* of extent 1 */
Value *form_broadcast(Ev *ev, Value *x, Shape s, Where at);
/* Elements from .. from + count - 1 along the axis; count -1: an unknown number (rehearsal). */
Value *form_slice(Ev *ev, Value *x, int axis, int64_t from, int64_t count, Where at);
Value *form_pad(Ev *ev, Value *x, int axis, int64_t before, int64_t after, Where at);
Value *form_flip(Ev *ev, Value *x, int axis, Where at);
Value *form_concat(Ev *ev, Value *const *parts, int n, int axis, Where at);
Value *form_gather(Ev *ev, Value *x, Value *index, int axis, Where at);
Value *form_along(Ev *ev, OpId op, Value *x, int axis,
                  Where at); /* a reduction, sort, cumsum ... */

Value *form_iota(Ev *ev, int64_t n);                          /* 0 .. n-1; n -1: unknown */
Value *form_fill(Ev *ev, Shape s, double x, Dim d, Where at); /* every element x */
Value *form_count(Ev *ev, Value *x, int axis); /* length of an axis, or of all, as a number */

/* A new array with numbers, to be filled in. NULL: too large, which is reported. */
Tensor *form_tensor(Ev *ev, Shape s, Where at);

#endif
