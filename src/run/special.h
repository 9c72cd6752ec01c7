/* special.h: functions that neither the C library nor SLEEF has. */
#ifndef DYN_RUN_SPECIAL_H
#define DYN_RUN_SPECIAL_H

/* The derivative of order n (whole, 0 to 100) of the digamma function at x; NaN at its poles and
 * below -10^6. */
double special_polygamma(double n, double x);

#endif
