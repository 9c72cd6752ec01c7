/* sha256.c: SHA-256 as FIPS 180-4 (2015) has it: sections 4.1.2 and 4.2.2 (functions, constants),
   5.1.1 (padding), 6.2.2 (the compression of one block). Processors that have instructions for it
   (Intel Architecture Instruction Set Extensions, "SHA extensions") are a dozen times as fast. */
#include "base/sha256.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>
#endif

static const uint32_t round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t x, int n) {
  return x >> n | x << (32 - n);
}

static uint32_t read_word(const unsigned char *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void expand(const unsigned char *block, uint32_t w[64]) {
  for (int i = 0; i < 16; i++) w[i] = read_word(block + 4 * i);
  for (int i = 16; i < 64; i++) {
    uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
    uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
}

/* The working variables a to h stand in v, and move by one place in each round. */
static void compress_plain(uint32_t hash[8], const unsigned char *block) {
  uint32_t w[64], v[8];
  expand(block, w);
  memcpy(v, hash, sizeof v);
  for (int i = 0; i < 64; i++) {
    uint32_t a = v[-i & 7], e = v[(4 - i) & 7];
    uint32_t b = v[(1 - i) & 7], c = v[(2 - i) & 7], f = v[(5 - i) & 7], g = v[(6 - i) & 7];
    uint32_t sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    uint32_t t1 = v[(7 - i) & 7] + sum1 + ((e & f) ^ (~e & g)) + round_constants[i] + w[i];
    uint32_t sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    v[(3 - i) & 7] += t1;
    v[(7 - i) & 7] = t1 + sum0 + ((a & b) ^ (a & c) ^ (b & c));
  }
  for (int i = 0; i < 8; i++) hash[i] += v[i];
}

static void compress_all_plain(uint32_t hash[8], const unsigned char *p, size_t blocks) {
  for (; blocks > 0; blocks--, p += SHA256_BLOCK) compress_plain(hash, p);
}

#ifdef __x86_64__

#define WITH_SHA __attribute__((target("sha,sse4.1,ssse3")))

/* Four rounds: the instruction does two, with the words in the lower half of its last operand. */
WITH_SHA static void four_rounds(__m128i *abef, __m128i *cdgh, __m128i words, int round) {
  __m128i k = _mm_loadu_si128((const __m128i *)(round_constants + round));
  __m128i sum = _mm_add_epi32(words, k);
  *cdgh = _mm_sha256rnds2_epu32(*cdgh, *abef, sum);
  *abef = _mm_sha256rnds2_epu32(*abef, *cdgh, _mm_shuffle_epi32(sum, 0x0e));
}

/* The next four words of the message schedule after w[0..3], in w[0]'s place. */
WITH_SHA static __m128i next_words(const __m128i w[4]) {
  __m128i sum = _mm_sha256msg1_epu32(w[0], w[1]);
  return _mm_sha256msg2_epu32(_mm_add_epi32(sum, _mm_alignr_epi8(w[3], w[2], 4)), w[3]);
}

WITH_SHA static void compress_one(__m128i *abef, __m128i *cdgh, const unsigned char *p) {
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203); /* big-endian */
  __m128i w[4], a = *abef, c = *cdgh;
  for (int i = 0; i < 4; i++) {
    w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(p + 16 * i)), swap);
    four_rounds(abef, cdgh, w[i], 4 * i);
  }
  for (int round = 16; round < 64; round += 4) {
    __m128i fresh = next_words(w);
    w[0] = w[1], w[1] = w[2], w[2] = w[3], w[3] = fresh;
    four_rounds(abef, cdgh, fresh, round);
  }
  *abef = _mm_add_epi32(*abef, a);
  *cdgh = _mm_add_epi32(*cdgh, c);
}

/* The instructions want the words as (a, b, e, f) and (c, d, g, h), a and c on top. */
WITH_SHA static void compress_all_sha(uint32_t hash[8], const unsigned char *p, size_t blocks) {
  uint32_t *h = hash;
  __m128i abef = _mm_set_epi32((int)h[0], (int)h[1], (int)h[4], (int)h[5]);
  __m128i cdgh = _mm_set_epi32((int)h[2], (int)h[3], (int)h[6], (int)h[7]);
  for (; blocks > 0; blocks--, p += SHA256_BLOCK) compress_one(&abef, &cdgh, p);
  uint32_t x[4], y[4];
  _mm_storeu_si128((__m128i *)x, abef);
  _mm_storeu_si128((__m128i *)y, cdgh);
  h[0] = x[3], h[1] = x[2], h[4] = x[1], h[5] = x[0];
  h[2] = y[3], h[3] = y[2], h[6] = y[1], h[7] = y[0];
}

/* CPUID leaf 7, EBX bit 29; leaf 1, ECX bits 9 (SSSE3) and 19 (SSE4.1). */
static bool ask_for_sha(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b >> 29 & 1)) return false;
  return __get_cpuid(1, &a, &b, &c, &d) && (c >> 9 & 1) && (c >> 19 & 1);
}

/* CPUID is slow on virtual machines: it is asked once. Two threads would store the same. */
static bool has_sha(void) {
  static atomic_int known; /* 1: no, 2: yes */
  int answer = atomic_load_explicit(&known, memory_order_relaxed);
  if (!answer) {
    answer = ask_for_sha() ? 2 : 1;
    atomic_store_explicit(&known, answer, memory_order_relaxed);
  }
  return answer == 2;
}

static void compress_all(uint32_t hash[8], const unsigned char *p, size_t blocks) {
  (has_sha() ? compress_all_sha : compress_all_plain)(hash, p, blocks);
}

#else

static void compress_all(uint32_t hash[8], const unsigned char *p, size_t blocks) {
  compress_all_plain(hash, p, blocks);
}

#endif

void sha256_begin(Sha256 *s) {
  *s = (Sha256){.hash = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
                         0x1f83d9ab, 0x5be0cd19}};
}

void sha256_add(Sha256 *s, const void *data, size_t n) {
  const unsigned char *p = data;
  size_t held = s->total % SHA256_BLOCK;
  s->total += n;
  if (held) {
    size_t take = n < SHA256_BLOCK - held ? n : SHA256_BLOCK - held;
    memcpy(s->rest + held, p, take);
    p += take;
    n -= take;
    if (held + take < SHA256_BLOCK) return;
    compress_all(s->hash, s->rest, 1);
  }
  if (n >= SHA256_BLOCK) compress_all(s->hash, p, n / SHA256_BLOCK);
  if (n % SHA256_BLOCK) memcpy(s->rest, p + n - n % SHA256_BLOCK, n % SHA256_BLOCK);
}

/* The rest after whole blocks, a one bit, zeros, and the length in bits. */
void sha256_end(Sha256 *s, char hex[SHA256_HEX]) {
  unsigned char tail[2 * SHA256_BLOCK] = {0};
  size_t held = s->total % SHA256_BLOCK;
  size_t len = held + 9 <= SHA256_BLOCK ? SHA256_BLOCK : 2 * SHA256_BLOCK;
  memcpy(tail, s->rest, held);
  tail[held] = 0x80;
  for (int i = 0; i < 8; i++) tail[len - 1 - (size_t)i] = (unsigned char)(s->total * 8 >> 8 * i);
  compress_all(s->hash, tail, len / SHA256_BLOCK);
  for (int i = 0; i < 8; i++) snprintf(hex + 8 * i, 9, "%08x", s->hash[i]);
}

void sha256_hex(const void *data, size_t n, char hex[SHA256_HEX]) {
  Sha256 s;
  sha256_begin(&s);
  if (n) sha256_add(&s, data, n);
  sha256_end(&s, hex);
}
