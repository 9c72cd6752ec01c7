/* test_sha256.c: the examples of FIPS 180-4 and NIST's byte-oriented test vectors. */
#include <stdlib.h>

#include "base/sha256.h"
#include "check.h"

static const struct {
  const char *text, *hex;
} known[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnop"
     "q"
     "rsmnopqrstnopqrstu",
     "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
};

int main(void) {
  char hex[65];
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    sha256_hex(known[i].text, strlen(known[i].text), hex);
    CHECK(strcmp(hex, known[i].hex) == 0, "\"%s\" gives %s", known[i].text, hex);
  }
  char *million = malloc(1000000);
  memset(million, 'a', 1000000);
  sha256_hex(million, 1000000, hex);
  CHECK(strcmp(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0") == 0,
        "a million a give %s", hex);
  static const size_t pieces[] = {1, 63, 64, 65, 1000, 4096};
  for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
    Sha256 s;
    sha256_begin(&s);
    for (size_t at = 0; at < 1000000; at += pieces[k])
      sha256_add(&s, million + at, 1000000 - at < pieces[k] ? 1000000 - at : pieces[k]);
    sha256_end(&s, hex);
    CHECK(strncmp(hex, "cdc76e5c9914fb92", 16) == 0, "in pieces of %zu: %s", pieces[k], hex);
  }
  free(million);
  return check_done("sha256");
}
