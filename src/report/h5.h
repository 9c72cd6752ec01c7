/* h5.h: what all that writes HDF5 shares: the first failure, and files that are made anew. */
#ifndef DYN_REPORT_H5_H
#define DYN_REPORT_H5_H

#include <hdf5.h>

#include "op/shape.h"

typedef struct H5 {
  Arena *arena;
  const char *why; /* the first failure, NULL while there is none */
} H5;

/* Silences HDF5: what fails is told by `why` alone. */
void h5_begin(void);
/* Passes a result of HDF5 on and takes note of the first failure. */
hid_t h5_checked(H5 *h, hid_t result);
/* The extents of a data set. */
hid_t h5_space(H5 *h, Shape s);
hid_t h5_create(H5 *h, const char *path);

#endif
