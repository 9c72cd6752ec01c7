/* gsl_glue.h: GSL's errors as values. Its error handler belongs to the whole process, so it is set
   once and put back at the end; ours records the first reason and returns, after which GSL's
   functions return their codes as if there were none. */
#ifndef DYN_NUM_GSL_GLUE_H
#define DYN_NUM_GSL_GLUE_H

#include "base/status.h"

void gsl_glue_install(void); /* counts: every install needs its restore */
void gsl_glue_restore(void);

void gsl_glue_begin(void);        /* forgets the last error */
Status gsl_glue_status(int code); /* with the recorded reason, which lasts until the next begin */

#define TRY_GSL(call) (gsl_glue_begin(), gsl_glue_status(call))

#endif
