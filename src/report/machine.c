/* machine.c: see machine.h. */
#include "report/machine.h"

#include <cblas.h>
#include <gnu/libc-version.h>
#include <gsl/gsl_version.h>
#include <hdf5.h>
#include <sleef.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const char *gsl_text(Arena *a) {
  (void)a;
  return gsl_version;
}

static const char *hdf5_text(Arena *a) {
  unsigned major, minor, release;
  H5get_libversion(&major, &minor, &release);
  return arena_printf(a, "%u.%u.%u", major, minor, release);
}

static const char *openblas_text(Arena *a) {
  (void)a;
  return openblas_get_config();
}

static const char *sleef_text(Arena *a) {
  return arena_printf(a, "%d.%d.%d", SLEEF_VERSION_MAJOR, SLEEF_VERSION_MINOR,
                      SLEEF_VERSION_PATCHLEVEL);
}

static const char *libc_text(Arena *a) {
  (void)a;
  return gnu_get_libc_version();
}

static const struct {
  const char *name;
  const char *(*version)(Arena *a);
} libraries[MACHINE_LIBRARIES] = {{"gsl", gsl_text},
                                  {"hdf5", hdf5_text},
                                  {"openblas", openblas_text},
                                  {"sleef", sleef_text},
                                  {"libc", libc_text}};

const char *machine_library(int i) {
  return libraries[i].name;
}

const char *machine_library_version(Arena *a, int i) {
  return libraries[i].version(a);
}

const char *machine_libraries(Arena *a) {
  Text t = {.arena = a};
  for (int i = 0; i < MACHINE_LIBRARIES; i++)
    text_printf(&t, "%s%s %s", i ? ", " : "", libraries[i].name, libraries[i].version(a));
  return text_str(&t);
}

const char *machine_processor(Arena *a) {
  char line[256];
  const char *name = "unknown";
  FILE *f = fopen("/proc/cpuinfo", "r");
  while (f && fgets(line, sizeof line, f)) {
    const char *colon = strchr(line, ':');
    if (!colon || strncmp(line, "model name", 10) != 0) continue;
    name = arena_strndup(a, colon + 2, strcspn(colon + 2, "\n"));
    break;
  }
  if (f) fclose(f);
  return name;
}

const char *machine_blas_core(void) {
  return openblas_get_corename();
}
