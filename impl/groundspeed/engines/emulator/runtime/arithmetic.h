// Arithmetic of PTX that C lacks: exact rounding modes, saturating conversions, bit fields.
static inline u32 B32(f32 x) { u32 r; memcpy(&r, &x, 4); return r; }
static inline f32 F32(u32 x) { f32 r; memcpy(&r, &x, 4); return r; }
static inline u64 B64(f64 x) { u64 r; memcpy(&r, &x, 8); return r; }
static inline f64 F64(u64 x) { f64 r; memcpy(&r, &x, 8); return r; }

#if defined(__x86_64__)
#define OPAQUE(x) __asm__ volatile("" : "+x"(x) : : "memory")
#else
#define OPAQUE(x) __asm__ volatile("" : "+w"(x) : : "memory")
#endif
#define VOLATILE(type, value) ({ type o_ = (value); OPAQUE(o_); o_; })   // computed here and now, not before or after
#define ROUNDED(mode, type, value) ({ fesetround(mode); type r_ = (value); OPAQUE(r_); fesetround(FE_TONEAREST); r_; })

// One rounding each: no later stage may fuse these with a neighbour.
#define EXACT(type, name, expression) static inline type name##_rn_##type(type a, type b) { type r = expression; \
  __asm__("" : EXACT_REGISTER(r)); return r; }
#if defined(__x86_64__)
#define EXACT_REGISTER(r) "+x"(r)
#else
#define EXACT_REGISTER(r) "+w"(r)
#endif
EXACT(f64, add, a + b) EXACT(f64, sub, a - b) EXACT(f64, mul, a * b)
EXACT(f32, add, a + b) EXACT(f32, sub, a - b) EXACT(f32, mul, a * b)

static inline f64 saturate(f64 x) { return fmin(fmax(x, 0), 1); }
static inline f64 upper_half(f64 x) { return F64(B64(x) & 0xffffffff00000000ull); }

// Float to integer saturates; NaN gives 0, or the smallest number for 64-bit sources or results.
#define TO_SIGNED(bits) static inline s##bits to_s##bits(f64 x, int wide) { \
  const f64 top = (f64)(1ull << (bits - 1)); const s##bits lowest = (s##bits)(1ull << (bits - 1)); \
  return x != x ? (wide ? lowest : 0) : x <= -top ? lowest : x >= top ? (s##bits)~lowest : (s##bits)x; }
#define TO_UNSIGNED(bits) static inline u##bits to_u##bits(f64 x, int wide) { \
  const f64 top = 2 * (f64)(1ull << (bits - 1)); \
  return x != x ? (wide ? (u##bits)(1ull << (bits - 1)) : 0) : x <= 0 ? 0 : x >= top ? (u##bits)~0ull : (u##bits)x; }
TO_SIGNED(8) TO_SIGNED(16) TO_SIGNED(32) TO_SIGNED(64)
TO_UNSIGNED(8) TO_UNSIGNED(16) TO_UNSIGNED(32) TO_UNSIGNED(64)

static inline u64 reverse(u64 x, int bits) {
  u64 r = 0;
  for (int i = 0; i < bits; i++) r |= (x >> i & 1) << (bits - 1 - i);
  return r;
}
static inline u64 extract(u64 x, u32 position, u32 length, int bits, int is_signed) {
  position &= 255; length &= 255;
  const u32 top = position + length - 1;
  const u64 sign = is_signed && length ? x >> (top < (u32)bits ? top : (u32)bits - 1) & 1 : 0;
  u64 r = 0;
  for (u32 i = 0; i < (u32)bits; i++) r |= (i < length && position + i < (u32)bits ? x >> (position + i) & 1 : sign) << i;
  return r;
}
static inline u64 insert(u64 field, u64 into, u32 position, u32 length, int bits) {
  position &= 255; length &= 255;
  for (u32 i = 0; i < length && position + i < (u32)bits; i++)
    into = (into & ~(1ull << (position + i))) | (field >> i & 1) << (position + i);
  return into;
}
static inline u32 permute(u32 low, u32 high, u32 selectors) {
  const u64 both = (u64)high << 32 | low;
  u32 r = 0;
  for (int i = 0; i < 4; i++) {
    const u32 selector = selectors >> (4 * i), byte = both >> (8 * (selector & 7)) & 255;
    r |= (selector & 8 ? (byte & 128 ? 255u : 0u) : byte) << (8 * i);
  }
  return r;
}
static inline u32 lop3(u32 a, u32 b, u32 c, u32 table) {
  u32 r = 0;
  for (int k = 0; k < 8; k++) if (table >> k & 1) r |= (k & 4 ? a : ~a) & (k & 2 ? b : ~b) & (k & 1 ? c : ~c);
  return r;
}
