import IO
import Terminal

@testable import Interface

/// The split of the bytes into reads makes no difference.
func fuzzTerminal(_ bytes: UnsafeRawBufferPointer) {
  var whole = InputDecoder(), pieces = InputDecoder()
  var together = whole.decode(bytes), apart: [InputEvent] = []
  for byte in bytes { apart += pieces.decode([byte]) }
  together += whole.flush()
  apart += pieces.flush()
  require(together == apart, "a split into reads makes no difference")
  for case .paste(let text) in together {
    require(text.utf8.elementsEqual(text.sanitized.utf8), "what was pasted is sanitized")
  }
}

/// What is drawn of an answer commands no terminal and fits its width.
func fuzzText(_ bytes: UnsafeRawBufferPointer) {
  var input = FuzzInput(bytes)
  let width = 1 + input.below(120)
  let text = String(decoding: input.all(), as: UTF8.self).sanitized
  for scalar in text.unicodeScalars {
    let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
    require(!isControl || scalar == "\n" || scalar == "\t", "no control is left")
  }
  var next = text.startIndex
  for line in text.wrapped(width: width) {
    require(line.startIndex >= next, "lines follow each other")
    next = line.endIndex
  }
  let whole = WrappedText(text, width: width)
  for row in whole.rows {
    require(
      !row.plainText.unicodeScalars.contains { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) },
      "no control is left, from entities neither")
  }
  var streamed = WrappedText("", width: width)
  var rest = text[...]
  while !rest.isEmpty {
    let size = 1 + Int(rest.utf8.first!) % 40
    streamed.append(rest.prefix(size))
    rest = rest.dropFirst(size)
  }
  streamed.settle(text)
  require(streamed.rows == whole.rows, "a stream renders at its end as the whole does")
}
