/* load_names.h: what a group of an HDF5 file holds. */
#ifndef DYN_LANG_LOAD_NAMES_H
#define DYN_LANG_LOAD_NAMES_H

#include <hdf5.h>

#include "base/vec.h"

typedef VEC(const char *) LoadNames;

/* The names in alphabetical order, without those that begin with a point: they tell where results
   came from, and are none of them. False: the group cannot be read. */
bool load_names(Arena *a, hid_t group, LoadNames *out);

#endif
