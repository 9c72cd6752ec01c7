/* fft.h: the discrete Fourier transform of any length in n log n steps. */
#ifndef DYN_LANG_FFT_H
#define DYN_LANG_FFT_H

#include "base/arena.h"

/* z: n complex numbers, real and imaginary parts in turn, transformed in place:
   Z[k] = sum of z[j] exp(-2 pi i j k / n). */
void fft_forward(Arena *scratch, double *z, int64_t n);
/* For n a power of two; the reverse is divided by n. */
void fft_forward_radix2(double *z, int64_t n);
void fft_inverse_radix2(double *z, int64_t n);
int64_t fft_power_of_two(int64_t n); /* the least one that is not below n */

#endif
