/// Bits of an element of the KV cache: 16, 8 or 4.
struct KVBits: Hashable, Sendable {
  var key = 16
  var value = 16
}
