/* store.c: see store.h. HDF5 reserves the place of a data set when it is made and tells where it
   is; what stands there is its numbers, in the order of C (HDF5 File Format Specification 3.0,
   IV.A.2.i, contiguous storage). What a run that ended early has written becomes a virtual data set
   that shows this part of the full one. */
#include "report/store.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/vec.h"

typedef struct FileArray {
  Shape shape;
  hid_t set;
  int64_t start;        /* of its numbers in the file, in bytes */
  const Tensor *tensor; /* NULL until it is read */
  void *map;            /* the pages that hold the tensor */
  size_t mapped;
} FileArray;

typedef struct FilePart {
  StorePart part;
  const char *base; /* its name before runs of one name were numbered */
} FilePart;

typedef struct FileStore {
  Store base;
  H5 h5;
  const char *folder, *beside, *path;
  hid_t file; /* -1: not made */
  int fd;     /* the same file, for the numbers */
  VEC(FileArray) arrays;
  VEC(FilePart) parts;
} FileStore;

static FileStore *own(const Store *s) {
  return (FileStore *)s;
}

static const char *failure(FileStore *f, const char *what) {
  return arena_printf(f->h5.arena, "%s `%s`: %s", what, f->path, strerror(errno));
}

/* ---- a new array ----------------------------------------------------------------------------- */

static double room(Store *s) {
  FileStore *f = own(s);
  struct statvfs v;
  const char *folder = path_dir(f->h5.arena, f->folder);
  if (statvfs(folder, &v) != 0 && statvfs(".", &v) != 0) return INFINITY;
  return (double)v.f_bavail * (double)v.f_frsize;
}

static bool make_file(FileStore *f, const char **why) {
  if (f->file >= 0) return true;
  if (!folder_make(f->h5.arena, f->beside, why)) return false;
  h5_begin();
  f->h5.why = NULL;
  f->file = h5_create(&f->h5, f->path);
  f->fd = f->file < 0 ? -1 : open(f->path, O_RDWR | O_CLOEXEC);
  if (f->fd < 0) *why = f->h5.why ? f->h5.why : failure(f, "cannot write");
  return f->fd >= 0;
}

/* A data set without a name, whose place in the file is set and holds nothing yet. */
static hid_t reserve(FileStore *f, Shape shape, int64_t *start) {
  hid_t space = h5_space(&f->h5, shape), plan = h5_plan(&f->h5, H5P_DATASET_CREATE);
  h5_checked(&f->h5, H5Pset_alloc_time(plan, H5D_ALLOC_TIME_EARLY));
  h5_checked(&f->h5, H5Pset_fill_time(plan, H5D_FILL_TIME_NEVER));
  hid_t set =
      h5_checked(&f->h5, H5Dcreate_anon(f->file, H5T_NATIVE_DOUBLE, space, plan, H5P_DEFAULT));
  *start = set < 0 ? -1 : (int64_t)H5Dget_offset(set);
  H5Pclose(plan);
  H5Sclose(space);
  return set;
}

/* The disk is asked for the whole of it now, where it can promise. */
static int open_array(Store *s, Shape shape, const char **why) {
  FileStore *f = own(s);
  if (!make_file(f, why)) return -1;
  FileArray a = {.shape = shape};
  a.set = reserve(f, shape, &a.start);
  if (a.set < 0 || a.start < 0) {
    *why = f->h5.why ? f->h5.why : "HDF5 gives no place to an array";
    return -1;
  }
  *vec_push(f->h5.arena, &f->arrays) = a;
  int64_t bytes = shape_count(shape) * (int64_t)sizeof(double);
  if (fallocate(f->fd, FALLOC_FL_KEEP_SIZE, a.start, bytes) != 0 && errno != EOPNOTSUPP) {
    *why = failure(f, "cannot write");
    return -1;
  }
  return (int)f->arrays.n - 1;
}

/* ---- its numbers ----------------------------------------------------------------------------- */

static bool write_array(Store *s, int array, int64_t at, const double *data, int64_t n,
                        const char **why) {
  FileStore *f = own(s);
  const char *bytes = (const char *)data;
  off_t to = (off_t)(f->arrays.at[array].start + at * (int64_t)sizeof *data);
  for (size_t left = (size_t)n * sizeof *data; left;) {
    ssize_t done = pwrite(f->fd, bytes, left, to);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) {
      *why = failure(f, "cannot write");
      return false;
    }
    bytes += done;
    to += done;
    left -= (size_t)done;
  }
  return true;
}

static const Tensor *read_array(Store *s, int array, const char **why) {
  FileStore *f = own(s);
  FileArray *a = &f->arrays.at[array];
  if (a->tensor) return a->tensor;
  int64_t before = a->start % sysconf(_SC_PAGESIZE);
  size_t bytes = (size_t)(before + shape_count(a->shape) * (int64_t)sizeof(double));
  void *map = mmap(NULL, bytes, PROT_READ, MAP_SHARED, f->fd, (off_t)(a->start - before));
  if (map == MAP_FAILED) {
    *why = failure(f, "cannot read");
    return NULL;
  }
  a->map = map;
  a->mapped = bytes;
  return a->tensor = tensor_lasting(f->h5.arena, a->shape, (double *)((char *)map + before));
}

hid_t store_set(const Store *s, const Tensor *t) {
  const FileStore *f = own(s);
  for (size_t i = 0; f && t && t->data && i < f->arrays.n; i++) {
    const FileArray *a = &f->arrays.at[i];
    if (a->tensor && a->tensor->data == t->data && shape_equal(a->shape, t->shape)) return a->set;
  }
  return -1;
}

/* ---- runs that ended early ------------------------------------------------------------------- */

/* Runs of one name, such as those that a function makes, are numbered. */
static void add_part(Store *s, const StorePart *part) {
  FileStore *f = own(s);
  const char *name = arena_strdup(f->h5.arena, part->name);
  int before = 0;
  for (size_t i = 0; i < f->parts.n; i++) before += strcmp(f->parts.at[i].base, name) == 0;
  size_t head = strcspn(name, ".");
  FilePart *p = vec_push(f->h5.arena, &f->parts);
  *p = (FilePart){*part, name};
  if (before)
    p->part.name = arena_printf(f->h5.arena, "%.*s_%d%s", (int)head, name, before + 1, name + head);
  else
    p->part.name = name;
}

bool store_has_parts(const Store *s) {
  return s && own(s)->parts.n > 0;
}

/* The same block of the virtual set and of the full one. */
static void map_rows(FileStore *f, hid_t plan, Shape have, Shape full, const char *source,
                     const hsize_t *from, const hsize_t *count) {
  hid_t to = h5_space(&f->h5, have), all = h5_space(&f->h5, full);
  h5_checked(&f->h5, H5Sselect_hyperslab(to, H5S_SELECT_SET, from, NULL, count, NULL));
  h5_checked(&f->h5, H5Sselect_hyperslab(all, H5S_SELECT_SET, from, NULL, count, NULL));
  h5_checked(&f->h5, H5Pset_virtual(plan, to, ".", source, all));
  H5Sclose(to);
  H5Sclose(all);
}

/* The shape of a part: as many trials as were begun, and the rows of the one that has most. */
static Shape part_shape(const StorePart *p, Shape full) {
  Shape s = full;
  if (p->trials) s.n[0] = p->full + (p->rows > 0 ? p->some : 0);
  if (p->full == 0) s.n[p->trials] = p->rows;
  return s;
}

static hid_t virtual_set(FileStore *f, const StorePart *p, const char *source) {
  Shape full = f->arrays.at[p->array].shape, have = part_shape(p, full);
  hsize_t from[SHAPE_MAX_AXES] = {0}, count[SHAPE_MAX_AXES];
  for (int i = 0; i < have.rank; i++) count[i] = (hsize_t)have.n[i];
  hid_t plan = h5_plan(&f->h5, H5P_DATASET_CREATE);
  h5_checked(&f->h5, H5Pset_fill_value(plan, H5T_NATIVE_DOUBLE, &(double){NAN}));
  if (p->full > 0) {
    count[0] = (hsize_t)p->full;
    map_rows(f, plan, have, full, source, from, count);
  }
  if (p->rows > 0) {
    from[0] = (hsize_t)p->full;
    if (p->trials) count[0] = (hsize_t)p->some;
    count[p->trials] = (hsize_t)p->rows;
    map_rows(f, plan, have, full, source, from, count);
  }
  hid_t space = h5_space(&f->h5, have);
  hid_t set =
      h5_checked(&f->h5, H5Dcreate_anon(f->file, H5T_NATIVE_DOUBLE, space, plan, H5P_DEFAULT));
  H5Sclose(space);
  H5Pclose(plan);
  return set;
}

void store_each_part(Store *s, void (*fn)(void *ctx, const StorePart *p, hid_t set), void *ctx) {
  FileStore *f = own(s);
  hid_t links = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links, 1);
  for (size_t i = 0; i < f->parts.n; i++) {
    const StorePart *p = &f->parts.at[i].part;
    const char *source = arena_printf(f->h5.arena, "/unfinished runs/%s", p->name);
    h5_checked(&f->h5, H5Olink(f->arrays.at[p->array].set, f->file, source, links, H5P_DEFAULT));
    hid_t set = virtual_set(f, p, source);
    if (set < 0) continue;
    fn(ctx, p, set);
    H5Dclose(set);
  }
  H5Pclose(links);
}

/* ---- the file -------------------------------------------------------------------------------- */

void store_finish(Store *s, H5 *h5) {
  FileStore *f = own(s);
  if (f->file < 0) return;
  if (f->h5.why && !h5->why) h5->why = f->h5.why;
  for (size_t i = 0; i < f->arrays.n; i++) h5_checked(h5, H5Dclose(f->arrays.at[i].set));
  h5_checked(h5, H5Fclose(f->file));
  f->file = -1;
  close(f->fd);
  f->fd = -1;
}

void store_discard(Store *s) {
  FileStore *f = own(s);
  const char *ignored;
  if (f->file >= 0) folder_remove(f->h5.arena, f->beside, &ignored);
}

static void store_free(void *s) {
  FileStore *f = s;
  store_finish(&f->base, &f->h5);
  for (size_t i = 0; i < f->arrays.n; i++)
    if (f->arrays.at[i].map) munmap(f->arrays.at[i].map, f->arrays.at[i].mapped);
}

const char *store_beside(const Store *s) {
  return own(s)->beside;
}

hid_t store_file(const Store *s) {
  return s ? own(s)->file : -1;
}

Store *store_make(Arena *a, const char *folder, const char *beside) {
  FileStore *f = ARENA_NEW(a, FileStore);
  *f = (FileStore){.base = {room, open_array, write_array, read_array, add_part},
                   .h5 = {.arena = a},
                   .folder = folder,
                   .beside = beside,
                   .path = path_join(a, beside, "results.h5"),
                   .file = -1,
                   .fd = -1};
  arena_defer(a, store_free, f);
  return &f->base;
}
