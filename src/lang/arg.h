/* arg.h: the arguments of a builtin, checked. Where a function gives a Value *, this is what is
   asked for, or an error (reported), or VALUE_UNKNOWN; builtins return the latter two as they are:

     Value *x = arg_array(ev, c, 0);
     if (!value_is_array(x)) return x;                                                          */
#ifndef DYN_LANG_ARG_H
#define DYN_LANG_ARG_H

#include "lang/builtin.h"

enum { AXIS_NONE = INT32_MIN };

bool arg_given(const Call *c, int i); /* and not `none` */

Value *arg_array(Ev *ev, Call *c, int i); /* an array of any kind; sparse matrices are filled */
Value *arg_numbers(Ev *ev, Call *c,
                   int i); /* an array that is not traced: its numbers are needed */
Value *arg_function(Ev *ev, Call *c, int i);
/* x as an array, for arguments of a rest; `what` is what messages call it. */
Value *arg_as_array(Ev *ev, Value *x, Where at, const char *what);

/* Numbers known now. The stand-in for one that is unknown in rehearsal is -1 (EXTENT_UNKNOWN) for
   whole numbers and 1 for others. False: reported. */
bool arg_whole(Ev *ev, Call *c, int i, int64_t dflt, int64_t *out);
bool arg_size(Ev *ev, Call *c, int i, int64_t dflt, int64_t least,
              int64_t *out); /* not below `least` */
bool arg_number(Ev *ev, Call *c, int i, Dim want, double dflt, double *out);
bool arg_flag(Ev *ev, Call *c, int i, bool dflt, bool *out);
const char *arg_string(Ev *ev, Call *c, int i, const char *dflt); /* NULL: reported */
/* An axis of an array of this rank, counted from the end if negative. */
bool arg_axis(Ev *ev, Call *c, int i, int rank, int dflt, int *out);

/* Argument i has the rank (or its rank lies in [least, most])? */
bool arg_rank(Ev *ev, Call *c, int i, const Value *x, int least, int most);
bool arg_square(Ev *ev, Call *c, int i, const Value *x);
/* Arguments i and j are of one dimension? */
bool arg_alike(Ev *ev, Call *c, int i, const Value *x, int j, const Value *y);
bool dims_agree(Ev *ev, Dim a, Dim b, Dim *out); /* also outside networks; out may be NULL */
bool arg_plain(Ev *ev, Call *c, int i, const Value *x);

/* "`x` of `mean`", for messages. */
const char *arg_name(Ev *ev, const Call *c, int i);
/* E0225 at argument i: its name, then the message. */
Value *arg_bad(Ev *ev, Call *c, int i, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
