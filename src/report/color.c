/* color.c: see color.h. The palette is that of Okabe & Ito ("Color universal design", 2008), less
   its yellow, which is hard to see on white. The maps are tabulated at even steps: viridis and its
   kin by S. van der Walt & N. Smith (2015), cividis by Nunez, Anderton & Renslow (PLOS ONE 2018),
   twilight by B. Bendix (2018), and RdBu by C. Brewer (ColorBrewer 2.0), reversed: blue is low. */
#include "report/color.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const uint32_t palette[] = {0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7,
                                   0xe69f00, 0x56b4e9, 0x882255, 0x777777};

static const char *const names[] = {"blue",   "orange", "green", "pink", "gold", "sky",
                                    "purple", "gray",   "black", "red",  "white"};
static const uint32_t named[] = {0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0xe69f00, 0x56b4e9,
                                 0x882255, 0x777777, 0x000000, 0xc1272d, 0xffffff};

static const uint32_t viridis[] = {0x440154, 0x48186a, 0x472d7b, 0x424086, 0x3b528b, 0x33638d,
                                   0x2c728e, 0x26818e, 0x21908c, 0x1f9f88, 0x28ae80, 0x3ebc74,
                                   0x5dc963, 0x82d34c, 0xabdc32, 0xd5e21a, 0xfde725};
static const uint32_t cividis[] = {0x00224e, 0x002e6a, 0x1a386f, 0x32436d, 0x434e6c, 0x52596d,
                                   0x61656f, 0x6f7073, 0x7c7b78, 0x8b8778, 0x9b9376, 0xaba072,
                                   0xbbad6c, 0xccba64, 0xddc958, 0xefd748, 0xfee838};
static const uint32_t cyclic[] = {0xe2d9e2, 0xc3ced4, 0x94b4c7, 0x7297c1, 0x6275ba, 0x5e51ad,
                                  0x592a8f, 0x45135c, 0x2f1437, 0x4b1342, 0x741e4f, 0x983550,
                                  0xb25652, 0xc27c62, 0xcca388, 0xd8c6bd, 0xe2d9e2};
static const uint32_t diverging[] = {0x053061, 0x2166ac, 0x4393c3, 0x92c5de, 0xd1e5f0, 0xf7f7f7,
                                     0xfddbc7, 0xf4a582, 0xd6604d, 0xb2182b, 0x67001f};
static const uint32_t gray[] = {0xffffff, 0x000000};

#define MAP(name) \
  { #name, COUNT(name), name }
static const ColorMap maps[] = {MAP(viridis), MAP(cividis), MAP(cyclic), MAP(diverging), MAP(gray)};
static const char *const map_name_list[] = {"viridis", "cividis", "cyclic", "diverging", "gray"};

const Rgb COLOR_MISSING = {0xcc, 0xcc, 0xcc};

static Rgb unpack(uint32_t c) {
  return (Rgb){(uint8_t)(c >> 16), (uint8_t)(c >> 8), (uint8_t)c};
}

Rgb palette_color(int i) {
  return unpack(palette[(size_t)i % COUNT(palette)]);
}

const char *const *color_names(size_t *n) {
  *n = COUNT(names);
  return names;
}

bool color_read(const char *text, Rgb *out) {
  for (size_t i = 0; i < COUNT(names); i++) {
    if (strcmp(text, names[i]) != 0) continue;
    *out = unpack(named[i]);
    return true;
  }
  if (text[0] != '#' || strlen(text) != 7 || strspn(text + 1, "0123456789abcdefABCDEF") != 6)
    return false;
  *out = unpack((uint32_t)strtoul(text + 1, NULL, 16));
  return true;
}

const char *const *map_names(size_t *n) {
  *n = COUNT(map_name_list);
  return map_name_list;
}

const ColorMap *map_find(const char *name) {
  for (size_t i = 0; i < COUNT(maps); i++)
    if (strcmp(maps[i].name, name) == 0) return &maps[i];
  return NULL;
}

static uint8_t between(uint8_t a, uint8_t b, double f) {
  return (uint8_t)lround(a + f * (b - a));
}

Rgb map_color(const ColorMap *m, double x) {
  double place = fmin(fmax(x, 0), 1) * (m->n - 1);
  int k = place >= m->n - 1 ? m->n - 2 : (int)place;
  Rgb a = unpack(m->at[k]), b = unpack(m->at[k + 1]);
  double f = place - k;
  return (Rgb){between(a.r, b.r, f), between(a.g, b.g, f), between(a.b, b.b, f)};
}
