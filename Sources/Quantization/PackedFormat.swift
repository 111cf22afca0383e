import CKernels
import GGUF

/// How the kernels hold a matrix: 16 rows interleaved, codes and scales of 32 columns together.
///
/// Every GGUF type that stores weights has a packed form of the same values, of nearly the same size for the
/// common ones; the layout is described in `CKernels.h`.
public struct PackedFormat: Sendable, Hashable {
  public let id: Int32

  init(_ format: pare_format) { id = Int32(format.rawValue) }

  public static let f32 = PackedFormat(PARE_F32)
  /// Symmetric codes with one f16 scale for 32 weights: 8.5, 6.5, 5.5, 4.5 and 3.5 bits a weight.
  public static let d8 = PackedFormat(PARE_D8)
  public static let d6 = PackedFormat(PARE_D6)
  public static let d5 = PackedFormat(PARE_D5)
  public static let d4 = PackedFormat(PARE_D4)
  public static let d3 = PackedFormat(PARE_D3)
  /// −1, 0, +1 in two bits: 2.5 bits a weight.
  public static let ternary = PackedFormat(PARE_D2)
  /// ±1: 1.5 bits a weight.
  public static let sign = PackedFormat(PARE_D1)
  /// Two-bit codes with an f16 scale and offset for 32 weights: 3 bits a weight.
  public static let affine2 = PackedFormat(PARE_DM2)

  /// The packed form that holds a GGUF type's values exactly.
  public init(holding type: BlockType) {
    self = type.packing.map { PackedFormat(id: Int32($0.format)) } ?? .f32
  }

  private init(id: Int32) { self.id = id }

  private var info: pare_format_info { pare_format_info_of(id).pointee }

  public var name: String { String(cString: info.name) }
  public var isFloat: Bool { info.scales < 0 }

  /// Bytes of a tile of 16 rows.
  public func tileBytes(columns: Int) -> Int { pare_tile_bytes(id, Int32(columns)) }
}

extension BlockType {
  /// The packed form of its own that the type has; nil where values are packed as f32.
  var packing: pare_packing? { pare_packing_of_gguf(Int32(rawValue))?.pointee }
}
