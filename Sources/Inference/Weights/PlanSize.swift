import Quantization

/// The bytes that a plan takes, counted without packing anything.
public struct PlanSize: Sendable, Hashable {
  /// Bytes of all matrices that run: what one decoded token reads.
  public var weightBytes = 0
  /// Weights in them.
  public var weights = 0
  /// Bytes of keys and values that one position takes.
  public var kvBytesPerPosition = 0

  public init() {}

  public var bitsPerWeight: Double { weights == 0 ? 0 : Double(weightBytes) * 8 / Double(weights) }
}

extension Model {
  /// The bytes of the matrices that run under `plan`, and of the keys and values of a position.
  public func size(of plan: Plan) -> PlanSize {
    var size = PlanSize()
    func add(_ matrices: [MatrixSource], _ width: BitWidth) {
      for matrix in matrices {
        let format = width.format(of: matrix, isRotated: plan.rotate)
        size.weightBytes += PackedMatrix.byteCount(matrix, format: format)
        size.weights += matrix.rows * matrix.columns
      }
    }
    for (layer, tensors) in layers.enumerated() {
      for sublayer in Plan.Sublayer.allCases where plan.runs(sublayer, layer: layer) {
        add(tensors.matrices(of: sublayer), plan.bits(of: sublayer, layer: layer))
      }
    }
    add([head], plan.headBits)
    size.kvBytesPerPosition = kvBytesPerPosition(plan)
    return size
  }

  /// KV bytes that one position adds under a plan.
  func kvBytesPerPosition(_ plan: Plan) -> Int {
    (0..<shape.layers).filter { plan.runs(.attention, layer: $0) }
      .reduce(0) { $0 + shape.kvBytesPerPosition(layer: $1, bits: kvBits(plan)) }
  }

  /// Weight bytes that one token decoded by the baseline reads; the memory that its packed matrices take.
  public var nativeBytesPerToken: Int { size(of: .baseline).weightBytes }
}
