/// A shape that no tensor can have.
struct ShapeError: Error {
  /// The end of a sentence that starts with the tensor.
  let problem: String
}

extension BlockType {
  /// Bytes of a whole tensor; throws for shapes that are not whole blocks, and for sizes that overflow.
  func byteCount(shape: [Int]) throws(ShapeError) -> Int {
    guard shape.count <= 4 else {
      throw ShapeError(problem: "has \(shape.count) dimensions, more than 4")
    }
    var elements = 1
    for extent in shape {
      guard extent > 0 else { throw ShapeError(problem: "has an extent of \(extent)") }
      let (product, overflow) = elements.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw ShapeError(problem: "has more elements than can be counted") }
      elements = product
    }
    // Blocks of I2_S run on over rows; all others end with the row.
    let run = self == .i2_s ? elements : shape.first ?? 1
    guard run.isMultiple(of: elementsPerBlock) else {
      throw ShapeError(
        problem: "has rows of \(run), which are not whole \(name) blocks of \(elementsPerBlock)")
    }
    let (bytes, overflow) = (elements / elementsPerBlock).multipliedReportingOverflow(by: bytesPerBlock)
    guard !overflow, bytes < Int.max / 2 else {
      throw ShapeError(problem: "has more bytes than can be counted")
    }
    return bytes + bytesPerTensor
  }
}
