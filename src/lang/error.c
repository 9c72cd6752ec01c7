/* error.c: how the evaluator says that something is wrong. An error found while the file is
   rehearsed is one of the text; found during the run, it is a failure of its statement. */
#include <stdio.h>

#include "lang/core.h"

Where ast_where(const Ast *x) {
  return (Where){x->src, x->span};
}

Where ast_name_where(const Ast *x) {
  return (Where){x->src, x->name_span.end ? x->name_span : x->span};
}

static Diag *report(Ev *ev, DiagCode code, Where at, const char *fmt, va_list ap) {
  if (!ev->rehearse) ev->failed = true;
  return diag_vadd(ev->diag, code, at, fmt, ap);
}

Diag *ev_report(Ev *ev, DiagCode code, Where at, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  Diag *d = report(ev, code, at, fmt, ap);
  va_end(ap);
  return d;
}

Value *ev_error(Ev *ev, DiagCode code, Where at, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  report(ev, code, at, fmt, ap);
  va_end(ap);
  return &VALUE_ERROR;
}

void ev_warn(Ev *ev, DiagCode code, Where at, const char *fmt, ...) {
  if (!ev->rehearse) return;
  va_list ap;
  va_start(ap, fmt);
  diag_vadd(ev->diag, code, at, fmt, ap);
  va_end(ap);
}

/* The code of a numerical failure, by its kind. */
static const DiagCode fail_codes[] = {
    [STATUS_OK] = E0225,
    [STATUS_NONFINITE] = E0601,
    [STATUS_DIVERGES] = E0601,
    [STATUS_STEP_UNDERFLOW] = E0601,
    [STATUS_TOO_MANY_STEPS] = E0601,
    [STATUS_SINGULAR] = E0226,
    [STATUS_NO_CONVERGENCE] = E0227,
    [STATUS_CANCELLED] = DIAG_NONE,
    [STATUS_INVALID] = E0225,
};

Value *ev_fail(Ev *ev, Where at, Status s, const char *fmt, ...) {
  if (s.code == STATUS_CANCELLED) {
    ev->cancelled = true;
    return &VALUE_ERROR;
  }
  if (ev->rehearse) return &VALUE_UNKNOWN; /* numbers fail when they are computed in earnest */
  ev->failed = true;
  va_list ap;
  va_start(ap, fmt);
  const char *msg = arena_vprintf(ev->arena, fmt, ap);
  va_end(ap);
  diag_add(ev->diag, fail_codes[s.code], at, "%s", msg);
  return &VALUE_ERROR;
}

Value *ev_needs_value(Ev *ev, Where at, const char *what) {
  if (ev->attempts) {
    if (!ev->abort_trace) ev->abort_trace = what;
    return &VALUE_ERROR;
  }
  return ev_error(ev, E0212, at, "%s must be known here, but depends on what only the run computes",
                  what);
}

bool ev_stopped(Ev *ev) {
  if (ev->hooks.cancelled && ev->hooks.cancelled(ev->hooks.ctx)) ev->cancelled = true;
  return ev->cancelled;
}

DiagMark diag_mark(const DiagList *d) {
  return (DiagMark){d->last, d->errors, d->warnings};
}

void diag_rewind(DiagList *d, DiagMark m) {
  d->last = m.last;
  if (m.last)
    m.last->next = NULL;
  else
    d->first = NULL;
  d->errors = m.errors;
  d->warnings = m.warnings;
}
