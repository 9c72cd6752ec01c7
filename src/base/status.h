/* status.h: how numerics say that they failed. A Status travels up to the verb, which turns it into
   a diagnostic at the statement or the equation. */
#ifndef DYN_BASE_STATUS_H
#define DYN_BASE_STATUS_H

#include <stdint.h>

typedef enum StatusCode {
  STATUS_OK,
  STATUS_NONFINITE,      /* a value is NaN or infinite: index says which component, t when */
  STATUS_DIVERGES,       /* a state grows without bound near t */
  STATUS_STEP_UNDERFLOW, /* the step became too small at t */
  STATUS_TOO_MANY_STEPS,
  STATUS_SINGULAR, /* a matrix that must be invertible is not */
  STATUS_NO_CONVERGENCE,
  STATUS_CANCELLED, /* the user interrupted */
  STATUS_INVALID    /* anything else: `what` says it */
} StatusCode;

typedef struct Status {
  StatusCode code;
  double t;         /* time or step, if it matters */
  int64_t index;    /* component or row, or -1 */
  const char *what; /* static text or NULL */
} Status;

#define STATUS_FINE ((Status){STATUS_OK, 0, -1, 0})

#endif
