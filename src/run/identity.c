/* identity.c: see identity.h. The build is known by the note NT_GNU_BUILD_ID of the loaded object
   that holds this code (System V ABI, Note Section; GNU ld, --build-id). */
#include "run/identity.h"

#include <cblas.h>
#include <elf.h>
#include <gnu/libc-version.h>
#include <link.h>
#include <string.h>

#include "run/run.h"

typedef struct Search {
  Arena *arena;
  const char *id;
} Search;

static const char *hex_of(Arena *a, const unsigned char *id, size_t n) {
  char *text = ARENA_ARRAY(a, char, 2 * n + 1);
  for (size_t i = 0; i < n; i++)
    for (int k = 0; k < 2; k++)
      text[2 * i + (size_t)k] = "0123456789abcdef"[id[i] >> (k ? 0 : 4) & 15];
  return text;
}

static size_t padded(size_t n) {
  return (n + 3) & ~(size_t)3;
}

/* A note is a head, its owner's name and its bytes, each padded to words. */
static const char *read_notes(Arena *a, const unsigned char *at, size_t size) {
  const unsigned char *end = at + size;
  while ((size_t)(end - at) >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) note;
    memcpy(&note, at, sizeof note);
    const unsigned char *name = at + sizeof note, *id = name + padded(note.n_namesz);
    at = id + padded(note.n_descsz);
    if (at > end) break;
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp(name, "GNU", 4) == 0)
      return hex_of(a, id, note.n_descsz);
  }
  return NULL;
}

static bool holds(const struct dl_phdr_info *o, uintptr_t address) {
  for (int i = 0; i < o->dlpi_phnum; i++) {
    uintptr_t start = o->dlpi_addr + o->dlpi_phdr[i].p_vaddr;
    if (o->dlpi_phdr[i].p_type == PT_LOAD && address - start < o->dlpi_phdr[i].p_memsz) return true;
  }
  return false;
}

static int look_at(struct dl_phdr_info *o, size_t size, void *ctx) {
  (void)size;
  Search *s = ctx;
  if (!holds(o, (uintptr_t)hex_of)) return 0;
  for (int i = 0; i < o->dlpi_phnum && !s->id; i++) {
    const ElfW(Phdr) *p = &o->dlpi_phdr[i];
    if (p->p_type == PT_NOTE)
      s->id = read_notes(s->arena, (const unsigned char *)(o->dlpi_addr + p->p_vaddr), p->p_memsz);
  }
  return 1;
}

const char *identity_build(Arena *a) {
  Search s = {a, NULL};
  dl_iterate_phdr(look_at, &s);
  return s.id ? s.id : "";
}

const char *identity_machine(Arena *a) {
  return arena_printf(a, "%s%s, %s, glibc %s", run_is_portable() ? "portable, " : "", run_isa(),
                      openblas_get_config(), gnu_get_libc_version());
}
