/* load.h: reading data files. A reader makes a value of a file, in rehearsal without numbers; what
   is wrong with the file is reported at the call of `load`. */
#ifndef DYN_LANG_LOAD_H
#define DYN_LANG_LOAD_H

#include "lang/eval.h"

typedef struct Loader {
  Ev *ev;
  const char *path; /* where the file is */
  const char *name; /* as the model names it, for messages */
  Where at;
} Loader;

/* The name of the file comes in front. */
Value *load_error(const Loader *l, DiagCode code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
Value *load_damaged(const Loader *l, const char *what); /* E0703 */
/* An array of this shape with a new tensor in *t to be filled, or NULL there in rehearsal. */
Value *load_array(const Loader *l, Shape s, Dim d, Tensor **t);

/* A file's bytes, mapped: what is not looked at, as in rehearsal, is not read. False: reported. */
typedef struct LoadBytes {
  const char *at;
  size_t n;
} LoadBytes;
bool load_open(const Loader *l, LoadBytes *out);
void load_close(LoadBytes *b);

/* Takes note of a file, once, though it is rehearsed and run. */
void load_note(Ev *ev, const char *path, const char *name);
/* Where the file of this name is. */
const char *load_path(const Ev *ev, Arena *a, const char *name);

Value *load_h5(const Loader *l);
Value *load_npy(const Loader *l);
Value *load_npz(const Loader *l);
Value *load_csv(const Loader *l);
/* The bytes of an .npy file; `member` names the part of an archive, or is NULL. */
Value *load_npy_bytes(const Loader *l, const char *bytes, size_t n, const char *member);

#endif
