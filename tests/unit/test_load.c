/* test_load.c: `load` on files that are written here, whole and damaged. */
#include <hdf5.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "check.h"
#include "dyn.h"

static char folder[] = "/tmp/dyn_test_load_XXXXXX";
static char diagnosed[8192];

static void on_diagnostic(void *ctx, const char *text) {
  (void)ctx;
  strncat(diagnosed, text, sizeof diagnosed - strlen(diagnosed) - 1);
}

static const char *in_folder(const char *name) {
  static char path[256];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static DynStatus run(const char *text) {
  char name[256];
  snprintf(name, sizeof name, "%s/model.dyn", folder);
  diagnosed[0] = '\0';
  Dyn *d = dyn_new();
  dyn_set_callbacks(d, &(DynCallbacks){.diagnostic = on_diagnostic});
  DynStatus s = dyn_load_text(d, name, text, strlen(text));
  if (s == DYN_OK) s = dyn_run(d);
  for (size_t i = 0; i < dyn_claim_count(d); i++) {
    DynClaim c;
    if (dyn_claim(d, i, &c) && !c.held) printf("claim %zu: found %s\n", i, c.found);
  }
  dyn_free(d);
  return s;
}

/* The text runs and all its claims hold. */
static void holds(const char *text) {
  DynStatus s = run(text);
  CHECK(s == DYN_OK, "%s: %s", text, diagnosed);
}

static void refused(const char *text, const char *message) {
  CHECK(run(text) != DYN_OK, "%s", text);
  CHECK(strstr(diagnosed, message), "%s: %s", message, diagnosed);
}

static void write_bytes(const char *name, const void *bytes, size_t n) {
  FILE *f = fopen(in_folder(name), "wb");
  fwrite(bytes, 1, n, f);
  fclose(f);
}

/* ---- npy
 * --------------------------------------------------------------------------------------------- */

/* An .npy file in memory, version 1. */
static size_t npy(char *out, const char *descr, const char *fortran, const char *shape,
                  const void *data, size_t n) {
  char header[256];
  int len = snprintf(header, sizeof header, "{'descr': %s, 'fortran_order': %s, 'shape': %s, }\n",
                     descr, fortran, shape);
  memcpy(out, "\x93NUMPY\x01\x00", 8);
  out[8] = (char)(len & 255);
  out[9] = (char)(len >> 8);
  memcpy(out + 10, header, (size_t)len);
  memcpy(out + 10 + len, data, n);
  return 10 + (size_t)len + n;
}

static void write_npy(const char *name, const char *descr, const char *fortran, const char *shape,
                      const void *data, size_t n) {
  char block[1024];
  write_bytes(name, block, npy(block, descr, fortran, shape, data, n));
}

static void test_npy(void) {
  double x[] = {1, 2, 3, 4, 5, -6.5};
  write_npy("c.npy", "'<f8'", "False", "(2, 3)", x, sizeof x);
  holds("expect load(\"c.npy\") == [[1, 2, 3], [4, 5, -6.5]]");
  write_npy("f.npy", "'<f8'", "True", "(2, 3)", x, sizeof x);
  holds("expect load(\"f.npy\") == [[1, 3, 5], [2, 4, -6.5]]");
  write_npy("s.npy", "'<f8'", "False", "()", x, 8);
  holds("expect load(\"s.npy\") == 1");
  write_npy("b.npy", "'>i2'", "False", "(2,)", "\x01\x02\xff\xfe", 4);
  holds("expect load(\"b.npy\") == [258, -2]");
  write_npy("u.npy", "'|u1'", "False", "(2,)", "\x01\xff", 2);
  holds("expect load(\"u.npy\") == [1, 255]");
  write_npy("l.npy", "'|b1'", "False", "(3,)", "\x01\x00\x01", 3);
  holds("expect arange(3)[load(\"l.npy\")] == [0, 2]");
  write_npy("h.npy", "'<f2'", "False", "(3,)", "\x00\x3c\x00\xc2\x01\x00", 6);
  holds("expect load(\"h.npy\") == [1, -3, 2^-24]");
  float single[] = {0.5f, -2};
  write_npy("e.npy", "'<f4'", "False", "(2,)", single, 8);
  holds(
      "let n = size(load(\"e.npy\"))\nexpect zeros(n) == [0, 0]\nexpect load(\"e.npy\") == [0.5, "
      "-2]");
}

static void test_bad_npy(void) {
  double x[] = {1, 2, 3};
  write_npy("cut.npy", "'<f8'", "False", "(4,)", x, sizeof x);
  refused("let a = load(\"cut.npy\")", "4 numbers are promised, 3 are there [E0703]");
  write_npy("z.npy", "'<c16'", "False", "(1,)", x, 16);
  refused("let a = load(\"z.npy\")", "'<c16' are no real numbers");
  write_npy("many.npy", "'<f8'", "False", "(1, 1, 1, 1, 1, 1, 1)", x, 8);
  refused("let a = load(\"many.npy\")", "E0703");
  write_npy("vast.npy", "'<f8'", "False", "(1000000000, 1000000000)", x, 8);
  refused("let a = load(\"vast.npy\")", "1000000000000000000 numbers are promised");
  write_bytes("text.npy", "hello", 5);
  refused("let a = load(\"text.npy\")", "does not begin as an .npy file");
  write_bytes("head.npy", "\x93NUMPY\x01\x00\xff\xff{'descr'", 18);
  refused("let a = load(\"head.npy\")", "header is cut off");
}

/* ---- npz
 * --------------------------------------------------------------------------------------------- */

typedef struct Zip {
  char bytes[8192];
  size_t n;
  char directory[1024];
  size_t ndirectory;
  int members;
} Zip;

static void put(char *to, size_t *at, unsigned long x, int width) {
  for (int k = 0; k < width; k++) to[(*at)++] = (char)(x >> 8 * k & 255);
}

/* Local header and directory entry share these fields. */
static void put_entry(char *to, size_t *at, int method, unsigned long crc, size_t packed,
                      size_t size, size_t name) {
  put(to, at, 20, 2), put(to, at, 0, 2), put(to, at, (unsigned long)method, 2);
  put(to, at, 0, 4), put(to, at, crc, 4);
  put(to, at, packed, 4), put(to, at, size, 4), put(to, at, name, 2), put(to, at, 0, 2);
}

static void add_member(Zip *z, const char *name, int method, unsigned long crc, const char *data,
                       size_t packed, size_t size) {
  size_t offset = z->n, len = strlen(name);
  put(z->bytes, &z->n, 0x04034b50, 4);
  put_entry(z->bytes, &z->n, method, crc, packed, size, len);
  memcpy(z->bytes + z->n, name, len);
  memcpy(z->bytes + z->n + len, data, packed);
  z->n += len + packed;
  put(z->directory, &z->ndirectory, 0x02014b50, 4), put(z->directory, &z->ndirectory, 20, 2);
  put_entry(z->directory, &z->ndirectory, method, crc, packed, size, len);
  put(z->directory, &z->ndirectory, 0, 2), put(z->directory, &z->ndirectory, 0, 4);
  put(z->directory, &z->ndirectory, 0, 4), put(z->directory, &z->ndirectory, offset, 4);
  memcpy(z->directory + z->ndirectory, name, len);
  z->ndirectory += len;
  z->members++;
}

static void close_zip(Zip *z, const char *name) {
  size_t offset = z->n;
  memcpy(z->bytes + z->n, z->directory, z->ndirectory);
  z->n += z->ndirectory;
  put(z->bytes, &z->n, 0x06054b50, 4), put(z->bytes, &z->n, 0, 4);
  put(z->bytes, &z->n, (unsigned long)z->members, 2);
  put(z->bytes, &z->n, (unsigned long)z->members, 2);
  put(z->bytes, &z->n, z->ndirectory, 4), put(z->bytes, &z->n, offset, 4);
  put(z->bytes, &z->n, 0, 2);
  write_bytes(name, z->bytes, z->n);
}

static size_t deflate_raw(const char *from, size_t n, char *to, size_t room) {
  z_stream s = {.next_in = (Bytef *)from, .avail_in = (uInt)n};
  deflateInit2(&s, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  s.next_out = (Bytef *)to;
  s.avail_out = (uInt)room;
  deflate(&s, Z_FINISH);
  deflateEnd(&s);
  return s.total_out;
}

static void test_npz(void) {
  static Zip z, broken;
  double x[] = {1, 2, 3};
  char block[1024], packed[1024];
  size_t n = npy(block, "'<f8'", "False", "(3,)", x, sizeof x);
  unsigned long crc = crc32(0, (const Bytef *)block, (uInt)n);
  add_member(&z, "a.npy", 0, crc, block, n, n);
  size_t m = deflate_raw(block, n, packed, sizeof packed);
  add_member(&z, "b.npy", 8, crc, packed, m, n);
  close_zip(&z, "two.npz");
  holds("let d = load(\"two.npz\")\nexpect d.a == [1, 2, 3]\nexpect d.b == d.a");
  write_bytes("half.npz", z.bytes, z.n - 30);
  refused("let d = load(\"half.npz\")", "no directory of its members [E0703]");
  packed[4] ^= 0x55;
  add_member(&broken, "b.npy", 8, crc, packed, m, n);
  close_zip(&broken, "broken.npz");
  refused("let d = load(\"broken.npz\")", "E0703");
  z.bytes[z.n / 8] ^= 1;
  write_bytes("flipped.npz", z.bytes, z.n);
  refused("let d = load(\"flipped.npz\")", "`a.npy` cannot be unpacked");
}

/* ---- csv
 * --------------------------------------------------------------------------------------------- */

static void write_text(const char *name, const char *text) {
  write_bytes(name, text, strlen(text));
}

static void test_csv(void) {
  write_text("m.csv", "1,2,3\n4,5,-6e-1\n");
  holds("expect load(\"m.csv\") == [[1, 2, 3], [4, 5, -0.6]]");
  write_text("h.csv", "\xef\xbb\xbf# made by hand\r\ntime; \"rate\"\r\n\r\n0.5 ;1\r\n1;2");
  holds("let d = load(\"h.csv\")\nexpect d.time == [0.5, 1]\nexpect d.rate == [1, 2]");
  write_text("gap.csv", "a\tb\n1\t\n3\t4\n");
  holds("let d = load(\"gap.csv\")\nexpect not is_finite(d.b[0])\nexpect d.b[1] == 4");
  write_text("ragged.csv", "a,b\n1,2\n\n3\n");
  refused("let d = load(\"ragged.csv\")", "line 4 has 1 columns, but the table has 2 [E0705]");
  write_text("word.csv", "1,2\n3,four\n");
  refused("let d = load(\"word.csv\")", "line 2, column 2: \"four\" is no number [E0705]");
  write_text("empty.csv", "\n\n");
  refused("let d = load(\"empty.csv\")", "it is empty [E0703]");
  write_bytes("nul.csv", "1,2\n\0,4\n", 8);
  refused("let d = load(\"nul.csv\")", "NUL");
}

/* ---- HDF5
 * -------------------------------------------------------------------------------------------- */

static void write_unit(hid_t set, const char *unit) {
  hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
  H5Tset_size(type, strlen(unit) + 1);
  hid_t attr = H5Acreate2(set, "unit", type, space, H5P_DEFAULT, H5P_DEFAULT);
  H5Awrite(attr, type, unit);
  H5Aclose(attr), H5Sclose(space), H5Tclose(type);
}

static void write_set(hid_t in, const char *name, hid_t file_type, hid_t type, int rank,
                      const hsize_t *extent, const void *data, const char *unit) {
  hid_t space = rank ? H5Screate_simple(rank, extent, NULL) : H5Screate(H5S_SCALAR);
  hid_t set = H5Dcreate2(in, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
  if (unit) write_unit(set, unit);
  H5Dclose(set), H5Sclose(space);
}

static void test_h5(void) {
  double x[] = {1, 2, 3, 4};
  int32_t i[] = {7, -8};
  hsize_t two[] = {2, 2}, seven[] = {1, 1, 1, 1, 1, 1, 1};
  const char *words[] = {"left", "right"};
  hid_t file = H5Fcreate(in_folder("d.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  hid_t text = H5Tcopy(H5T_C_S1), fixed = H5Tcopy(H5T_C_S1);
  H5Tset_size(text, H5T_VARIABLE), H5Tset_size(fixed, 4);
  write_set(file, "x", H5T_IEEE_F64BE, H5T_NATIVE_DOUBLE, 2, two, x, "mV");
  hid_t group = H5Gcreate2(file, "g", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  write_set(group, "i", H5T_STD_I32LE, H5T_NATIVE_INT32, 1, two, i, NULL);
  write_set(group, "words", text, text, 1, two, words, NULL);
  write_set(group, "word", fixed, fixed, 0, NULL, "abcd", NULL);
  H5Gclose(group), H5Fclose(file);
  holds(
      "let d = load(\"d.h5\")\nexpect d.x == [[1, 2], [3, 4]] * 1 mV\nexpect d.g.i == [7, -8]\n"
      "expect d.g.words[1] == \"right\"\nexpect d.g.word == \"abcd\"");
  file = H5Fcreate(in_folder("seven.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  write_set(file, "x", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 7, seven, x, NULL);
  H5Tclose(text), H5Tclose(fixed), H5Fclose(file);
  refused("let d = load(\"seven.h5\")", "`x` has 7 axes");
  write_bytes("cut.h5", "\x89HDF\r\n\x1a\n", 8);
  refused("let d = load(\"cut.h5\")", "it is no HDF5 file, or is cut off [E0703]");
}

int main(void) {
  if (!mkdtemp(folder)) return 1;
  test_npy();
  test_bad_npy();
  test_npz();
  test_csv();
  test_h5();
  refused("let d = load(\"none.csv\")", "there is no such file beside the model [E0701]");
  refused("let d = load(\"d.mat\")", "E0702");
  mkdir(in_folder("folder.npy"), 0700);
  refused("let d = load(\"folder.npy\")", "Is a directory [E0701]");
  char remove[300];
  snprintf(remove, sizeof remove, "rm -r %s", folder);
  return check_done("load") | (system(remove) != 0);
}
