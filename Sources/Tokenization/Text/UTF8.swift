/// The length of the well-formed scalar that bytes begin with (Unicode 17, table 3-7): 0 if they begin with
/// none, the negative number of missing bytes if more bytes could complete one.
@inline(__always)
func scalarLength(_ bytes: some RandomAccessCollection<UInt8>) -> Int {
  guard let first = bytes.first else { return 0 }
  if first < 0x80 { return 1 }
  let length: Int
  var second: ClosedRange<UInt8> = 0x80...0xBF
  switch first {
  case 0xC2...0xDF: length = 2
  case 0xE0...0xEF:
    length = 3
    if first == 0xE0 { second = 0xA0...0xBF }  // no overlong forms
    if first == 0xED { second = 0x80...0x9F }  // no surrogates
  case 0xF0...0xF4:
    length = 4
    if first == 0xF0 { second = 0x90...0xBF }
    if first == 0xF4 { second = 0x80...0x8F }  // nothing past U+10FFFF
  default: return 0
  }
  for (offset, byte) in bytes.dropFirst().prefix(length - 1).enumerated() {
    guard (offset == 0 ? second : 0x80...0xBF).contains(byte) else { return 0 }
  }
  return bytes.count >= length ? length : bytes.count - length
}

/// Text for a vocabulary that knows only Unicode: every byte that is not part of a well-formed scalar becomes
/// U+FFFD, as in llama.cpp. Nil, the usual case, where the text is valid as it is.
func repairingUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
  var position = firstInvalid(in: bytes, from: 0)
  guard position < bytes.count else { return nil }
  var repaired: [UInt8] = []
  repaired.reserveCapacity(bytes.count + 64)
  var copied = 0
  while position < bytes.count {
    repaired.append(contentsOf: bytes[copied..<position])
    repaired.append(contentsOf: [0xEF, 0xBF, 0xBD])
    copied = position + 1
    position = firstInvalid(in: bytes, from: copied)
  }
  repaired.append(contentsOf: bytes[copied...])
  return repaired
}

/// The first position at which no well-formed scalar begins, or the end.
private func firstInvalid(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
  var position = start
  while position < bytes.count {
    if bytes[position] < 0x80 {
      position += 1
      continue
    }
    let length = scalarLength(bytes[position...])
    if length <= 0 { return position }
    position += length
  }
  return position
}
