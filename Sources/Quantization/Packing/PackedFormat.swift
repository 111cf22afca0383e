import CKernels
import GGUF

/// The layout in which the kernels hold a matrix: 16 rows interleaved, codes and scales of 32 columns
/// together.
///
/// Every GGUF type that stores weights has a packed form of the same values, of nearly the same size for the
/// common ones; the layout is described in `CKernels.h`.
public struct PackedFormat: Sendable, Hashable {
  /// The number of the format in `CKernels.h`.
  public let id: Int32

  init(_ format: pare_format) { id = Int32(format.rawValue) }

  /// The version of all layouts, for whoever keeps packed weights in files: to be raised when packing comes
  /// to make other bytes of any type of blocks.
  public static let layoutVersion = 3

  /// Plain f32: 32 bits a weight.
  public static let f32 = PackedFormat(PARE_F32)
  /// Plain f16: 16 bits a weight.
  public static let f16 = PackedFormat(PARE_F16)
  /// Eight-bit codes with one f16 scale for 32 weights: 8.5 bits a weight.
  public static let d8 = PackedFormat(PARE_D8)
  /// Codes with a scale and an offset for 32 weights, a byte each: 6.625 bits a weight.
  public static let affine6 = PackedFormat(PARE_K6)
  /// As ``affine6``, 5.625 bits a weight.
  public static let affine5 = PackedFormat(PARE_K5)
  /// As ``affine6``, 4.625 bits a weight.
  public static let affine4 = PackedFormat(PARE_K4)
  /// Two-bit codes with a scale and an offset for 16 weights, four bits each: 2.625 bits a weight.
  public static let affine2 = PackedFormat(PARE_K2)
  /// Trellis codes with a scale of a byte for 32 weights: 3.3125 bits a weight.
  public static let trellis3 = PackedFormat(PARE_X3)
  /// As ``trellis3``, 1.3125 bits a weight.
  public static let trellis1 = PackedFormat(PARE_X1)
  /// −1, 0, +1 in two bits: 2.5 bits a weight.
  public static let ternary = PackedFormat(PARE_D2)
  /// As ``ternary``, with one scale for the whole matrix: 2 bits a weight.
  public static let wholeTernary = PackedFormat(PARE_T2)

  /// The packed form that holds a GGUF type's values exactly.
  public init(holding type: BlockType) {
    self = type.packing.map { PackedFormat(id: Int32($0.format)) } ?? .f32
  }

  /// The packed form that holds the values of `source` exactly.
  public init(holding source: MatrixSource) {
    self = source.blockScale == nil ? PackedFormat(holding: source.type) : .wholeTernary
  }

  /// The format of `source` in a matrix for which `wanted` was asked; nil asks for its own.
  public init(_ wanted: PackedFormat?, of source: MatrixSource) {
    // Only what has one scale already can be held so.
    self = if let wanted, wanted != .wholeTernary { wanted } else { PackedFormat(holding: source) }
  }

  private init(id: Int32) { self.id = id }

  private var info: pare_format_info { pare_format_info_of(id).pointee }

  /// The name of the format, for reports.
  public var name: String { String(cString: info.name) }
  /// Whether weights are plain floats, without scales.
  public var isFloat: Bool { info.scales < 0 }
  /// Bits of a code, or of a float.
  public var codeBits: Int { Int(info.bits) }
  /// Whether there is an offset of 16 bits for every 32 weights.
  public var hasHalfOffsets: Bool { info.scales == PARE_SCALE_DM }
  /// The factor of products with an encoded matrix.
  var encodedFactor: Float { info.encoded_factor }

  /// Bytes of a tile of 16 rows.
  public func tileBytes(columns: Int) -> Int { pare_tile_bytes(id, Int32(columns)) }
}

extension BlockType {
  /// The packed form of its own that the type has; nil where values are packed as f32.
  var packing: pare_packing? { pare_packing_of_gguf(Int32(rawValue))?.pointee }
}
