/* gsl_glue.c: the one file that knows both GSL's codes and Status. */
#include "num/gsl_glue.h"

#include <gsl/gsl_errno.h>
#include <stdatomic.h>
#include <stdio.h>

static _Thread_local struct {
  int code;
  char reason[160];
} gsl_last;

static atomic_int installs;
static gsl_error_handler_t *previous;

/* The first error of a call is the cause of the later ones. */
static void note_error(const char *reason, const char *file, int line, int code) {
  (void)file;
  (void)line;
  if (gsl_last.code) return;
  gsl_last.code = code;
  snprintf(gsl_last.reason, sizeof gsl_last.reason, "%s", reason);
}

void gsl_glue_install(void) {
  if (atomic_fetch_add(&installs, 1) == 0) previous = gsl_set_error_handler(note_error);
}

void gsl_glue_restore(void) {
  if (atomic_fetch_sub(&installs, 1) == 1) gsl_set_error_handler(previous);
}

void gsl_glue_begin(void) {
  gsl_last.code = 0;
}

static StatusCode code_of(int code) {
  static const struct {
    int gsl;
    StatusCode ours;
  } table[] = {{GSL_SUCCESS, STATUS_OK},
               {GSL_EBADFUNC, STATUS_NONFINITE},
               {GSL_ESING, STATUS_SINGULAR},
               {GSL_EMAXITER, STATUS_NO_CONVERGENCE},
               {GSL_ENOPROG, STATUS_NO_CONVERGENCE},
               {GSL_ENOPROGJ, STATUS_NO_CONVERGENCE},
               {GSL_ETOL, STATUS_NO_CONVERGENCE},
               {GSL_EDIVERGE, STATUS_DIVERGES}};
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
    if (table[i].gsl == code) return table[i].ours;
  return STATUS_INVALID;
}

Status gsl_glue_status(int code) {
  const char *what = gsl_last.code ? gsl_last.reason : gsl_strerror(code);
  return code == GSL_SUCCESS ? STATUS_FINE : (Status){code_of(code), 0, -1, what};
}
