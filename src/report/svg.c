/* svg.c: see svg.h. The text is taken apart into tags and what stands between them; nothing but
   tags is ever changed, so no label can be mistaken for markup. */
#include "report/svg.h"

#include <stdio.h>
#include <string.h>

#include "base/source.h"
#include "base/text.h"

const char *markup_escape(Arena *a, const char *text) {
  Text t = {.arena = a};
  for (const char *p = text ? text : ""; *p;) {
    size_t n = utf8_length(p);
    switch (*p) {
      case '&': text_add(&t, "&amp;"); break;
      case '<': text_add(&t, "&lt;"); break;
      case '>': text_add(&t, "&gt;"); break;
      case '"': text_add(&t, "&quot;"); break;
      case '\'': text_add(&t, "&#39;"); break;
      default:
        if (n == 0 || ((unsigned char)*p < 0x20 && *p != '\n' && *p != '\t'))
          text_add(&t, "\xef\xbf\xbd");
        else
          text_add_n(&t, p, n);
    }
    p += n ? n : 1;
  }
  return text_str(&t);
}

typedef struct Mend {
  Text out;
  const char *prefix; /* NULL: a file of its own */
  const char *title;  /* escaped; or "" */
  const char *run; /* what the path that is open at the end of `out` begins with; NULL: none is */
  size_t run_n;
} Mend;

static bool begins(const char *p, const char *word) {
  return strncmp(p, word, strlen(word)) == 0;
}

/* ---- inside a tag ---------------------------------------------------------------------------- */

/* Values of attributes, quotes included, and what becomes of them; `page`: in a page only. */
static const struct {
  const char *was, *is;
  bool page;
} values[] = {
    {"\"black\"", "\"currentColor\"", true},
    {"'black'", "'currentColor'", true},
    {"\"rgb(  0,   0,   0)\"", "\"currentColor\"", true},
    {"'rgb(  0,   0,   0)'", "'currentColor'", true},
    {"\"Helvetica\"", "\"Helvetica, Arial, 'Liberation Sans', sans-serif\"", false},
    {"\"Helvetica:Bold\"",
     "\"Helvetica, Arial, 'Liberation Sans', sans-serif\" font-weight=\"bold\"", false},
};

static size_t put_value(Mend *m, const char *p) {
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    if ((values[i].page && !m->prefix) || !begins(p, values[i].was)) continue;
    text_add(&m->out, values[i].is);
    return strlen(values[i].was);
  }
  return 0;
}

/* Ids are those of the drawing alone: several drawings share a page. */
static size_t put_id(Mend *m, const char *p) {
  static const char *const heads[] = {" id='", " id=\"", "href='#", "url(#"};
  for (size_t i = 0; m->prefix && i < sizeof heads / sizeof *heads; i++) {
    if (!begins(p, heads[i])) continue;
    text_add(&m->out, heads[i]);
    text_add(&m->out, m->prefix);
    return strlen(heads[i]);
  }
  return 0;
}

static void put_tag(Mend *m, const char *p, const char *end) {
  while (p < end) {
    size_t n = *p == '"' || *p == '\'' ? put_value(m, p) : put_id(m, p);
    if (n == 0) text_add_n(&m->out, p, n = 1);
    p += n;
  }
}

/* ---- runs of paths and points ---------------------------------------------------------------- */

/* gnuplot writes an element for each stroke and each point. Those of one look that follow each
   other become one path; a point is a path without length, which round ends make a dot. */

static void close_run(Mend *m) {
  if (m->run) text_add(&m->out, "'/>\n");
  m->run = NULL;
}

/* Goes on with a run, or begins one. */
static bool same_run(Mend *m, const char *p, size_t n) {
  if (m->run && m->run_n == n && strncmp(m->run, p, n) == 0) return true;
  close_run(m);
  m->run = p;
  m->run_n = n;
  return false;
}

/* <path stroke='COLOUR'  d='STROKES'/> */
static bool put_path(Mend *m, const char *p, const char *end) {
  const char *d = strstr(p, " d='");
  if (!begins(p, "<path stroke='") || !d || d > end || memcmp(end - 3, "'/>", 3) != 0) return false;
  d += 4;
  if (!same_run(m, p, (size_t)(d - p))) put_tag(m, p, d);
  while (end[-4] == ' ') end--;
  text_add_n(&m->out, d, (size_t)(end - 3 - d));
  return true;
}

/* <use xlink:href='#gpPt6' transform='translate(X,Y) scale(R)' color='COLOUR'/> */
static bool put_dot(Mend *m, const char *p, const char *end) {
  static const char head[] = "<use xlink:href='#gpPt6' transform='translate(";
  if (!begins(p, head)) return false;
  const char *place = p + strlen(head), *behind = strchr(place, ')');
  const char *color = strstr(p, "color=");
  double radius;
  if (!behind || behind > end || !color || color > end ||
      sscanf(behind, ") scale(%lf", &radius) != 1)
    return false;
  if (!same_run(m, behind, (size_t)(end - behind))) {
    text_printf(&m->out,
                "<path fill='none' stroke-linecap='round' stroke-width='%.3g' stroke=", 2 * radius);
    put_tag(m, color + strlen("color="), end - 2);
    text_add(&m->out, " d='");
  }
  text_add(&m->out, "M");
  text_add_n(&m->out, place, (size_t)(behind - place));
  text_add(&m->out, "h0");
  return true;
}

/* ---- tags ------------------------------------------------------------------------------------ */

static const char *skip_blanks(const char *p) {
  return p + strspn(p, " \t\r\n");
}

/* The end of the element that begins at p: behind its closing tag. */
static const char *skip_element(const char *p, const char *closing) {
  const char *end = strstr(p, closing);
  return end ? end + strlen(closing) : p + strlen(p);
}

static const char *const white_rect = "fill=\"#ffffff\"/>";

/* What is left out goes up to the returned place; p: nothing is. */
static const char *skip_needless(const Mend *m, const char *p, const char *end) {
  if (begins(p, "<filter")) return skip_element(p, "</filter>");
  if (begins(p, "<title>")) return skip_element(p, "</title>");
  if (begins(p, "<desc>")) return skip_element(p, "</desc>");
  if (m->prefix && (begins(p, "<?") || begins(p, "<!"))) return end;
  size_t n = strlen(white_rect);
  bool ground = begins(p, "<rect x=\"0\" y=\"0\"") && (size_t)(end - p) > n &&
                strncmp(end - n, white_rect, n) == 0;
  if (m->prefix && ground) return end;
  const char *next = skip_blanks(end);
  return begins(p, "<g ") && begins(next, "</g>") ? next + 4 : p;
}

/* The root in a page takes its size from the page, and its proportions from the view box. */
static void put_root(Mend *m, const char *p, const char *end) {
  const char *box = strstr(p, "viewBox=\"");
  if (!m->prefix || !box || box > end) {
    put_tag(m, p, end);
    if (*m->title) text_printf(&m->out, "<title>%s</title>", m->title);
    return;
  }
  double w = 0, h = 0;
  sscanf(box, "viewBox=\"0 0 %lf %lf", &w, &h);
  text_printf(&m->out,
              "<svg viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"%s\" style=\"max-width:%gpx\" "
              "xmlns:xlink=\"http://www.w3.org/1999/xlink\">",
              w, h, m->title, w * 1.25);
}

static void put_element(Mend *m, const char *p, const char *end) {
  if (put_path(m, p, end) || put_dot(m, p, end)) return;
  close_run(m);
  if (begins(p, "<svg"))
    put_root(m, p, end);
  else
    put_tag(m, p, end);
}

static const char *mend(Mend *m, const char *svg) {
  for (const char *p = svg; *p;) {
    if (*p != '<') {
      const char *tag = p + strcspn(p, "<");
      bool blank = skip_blanks(p) >= tag;
      if (!blank) close_run(m);
      if (blank && m->run) {
        p = tag;
        continue;
      }
      text_add_n(&m->out, blank ? "\n" : p, blank ? 1 : (size_t)(tag - p));
      p = tag;
      continue;
    }
    const char *end = strchr(p, '>');
    end = end ? end + 1 : p + strlen(p);
    const char *after = skip_needless(m, p, end);
    if (after == p) {
      put_element(m, p, end);
      after = end;
    }
    p = after;
  }
  close_run(m);
  return text_str(&m->out);
}

const char *svg_for_file(Arena *a, const char *svg, const char *title) {
  Mend m = {.out = {.arena = a}, .title = markup_escape(a, title)};
  return mend(&m, svg);
}

const char *svg_for_page(Arena *a, const char *svg, const char *prefix, const char *label) {
  Mend m = {.out = {.arena = a}, .prefix = prefix, .title = markup_escape(a, label)};
  return mend(&m, svg);
}
