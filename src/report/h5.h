/* h5.h: what all that writes and reads HDF5 shares: the first failure, files that are made anew,
   data sets and attributes. */
#ifndef DYN_REPORT_H5_H
#define DYN_REPORT_H5_H

#include <hdf5.h>

#include "op/shape.h"

typedef struct H5 {
  Arena *arena;
  const char *why;            /* the first failure, NULL while there is none */
  hid_t text_type, bool_type; /* 0: not made */
} H5;

/* Silences HDF5: what fails is told by `why` alone. */
void h5_begin(void);
/* Passes a result of HDF5 on and takes note of the first failure. */
hid_t h5_checked(H5 *h, hid_t result);
/* The extents of a data set. */
hid_t h5_space(H5 *h, Shape s);
hid_t h5_create(H5 *h, const char *path);
/* How an object of this kind is made (H5P_DATASET_CREATE, ...): without its time, so that runs
   which give the same leave the same bytes. */
hid_t h5_plan(H5 *h, hid_t kind);

/* Strings in UTF-8 of any length, and what h5py reads as bool; they live until h5_end. */
hid_t h5_text_type(H5 *h);
hid_t h5_bool_type(H5 *h);
void h5_end(H5 *h);

hid_t h5_group(H5 *h, hid_t in, const char *name);
/* A data set, left open so that attributes may follow. */
hid_t h5_set(H5 *h, hid_t in, const char *name, hid_t type, Shape s, const void *data);
void h5_attr(H5 *h, hid_t to, const char *name, hid_t type, Shape s, const void *data);
void h5_attr_text(H5 *h, hid_t to, const char *name, const char *text);

/* Reads a text: one, or `n` of them. NULL: it is not there, or none. */
const char *h5_read_attr_text(Arena *a, hid_t of, const char *name);
bool h5_read_attr_int(hid_t of, const char *name, int64_t *x);
const char **h5_read_set_texts(Arena *a, hid_t set, size_t *n);
const char **h5_read_texts(Arena *a, hid_t in, const char *name, size_t *n);

#endif
