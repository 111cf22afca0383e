/// The storage format of a tensor's elements, by the type ids of GGUF.
///
/// A tensor is rows of `shape[0]` elements; a row is a whole number of blocks. The raw value is the id
/// in the file. I2_S (36) is bitnet.cpp's; its id means something else in other files, so ids read from
/// a file go through ``init(id:isBitNet:)``.
// swift-format-ignore: AlwaysUseLowerCamelCase
public enum BlockType: UInt32, Sendable, Hashable, CaseIterable {
  case f32 = 0
  case f16 = 1
  case q4_0 = 2
  case q4_1 = 3
  case q5_0 = 6
  case q5_1 = 7
  case q8_0 = 8
  case q8_1 = 9
  case q2_k = 10
  case q3_k = 11
  case q4_k = 12
  case q5_k = 13
  case q6_k = 14
  case q8_k = 15
  case iq2_xxs = 16
  case iq2_xs = 17
  case iq3_xxs = 18
  case iq1_s = 19
  case iq4_nl = 20
  case iq3_s = 21
  case iq2_s = 22
  case iq4_xs = 23
  case i8 = 24
  case i16 = 25
  case i32 = 26
  case i64 = 27
  case f64 = 28
  case iq1_m = 29
  case bf16 = 30
  case tq1_0 = 34
  case tq2_0 = 35
  case i2_s = 36
  case mxfp4 = 39
  case nvfp4 = 40
  case q1_0 = 41
  case q2_0 = 42

  /// The type of an id found in a file, or nil where the id is unknown, withdrawn, or of a layout that
  /// is not supported (``refusal(id:isBitNet:)`` says which).
  ///
  /// bitnet.cpp numbered its own formats (I2_S 36, I8_S 37, TL1 38, TL2 39) over ids that llama.cpp
  /// withdrew (36–38) or gave to MXFP4 (39), so the same id differs by the kind of file.
  public init?(id: UInt32, isBitNet: Bool) {
    guard Self.refusal(id: id, isBitNet: isBitNet) == nil else { return nil }
    self.init(rawValue: id)
  }

  /// The reason an id is not accepted, as the end of a sentence that starts with the tensor; nil if it is.
  static func refusal(id: UInt32, isBitNet: Bool) -> String? {
    switch (id, isBitNet) {
    case (36, true): nil
    case (37, true): "is stored as I8_S, which holds activations only"
    case (38, true), (39, true):
      "is stored as \(id == 38 ? "TL1" : "TL2"), whose layout depends on the machine it was made for: "
        + "use the I2_S file of the same model"
    case (4, _), (5, _), (31...33, _), (36...38, _):
      "has type \(id), which llama.cpp withdrew: convert the model again"
    default: BlockType(rawValue: id) == nil ? "has the unknown type \(id): a newer program made it" : nil
    }
  }

  /// The field's name, such as `Q4_1`.
  public var name: String { "\(self)".uppercased() }

  /// Elements that one block holds; 1 for plain numbers.
  public var elementsPerBlock: Int { layout.elements }

  /// Bytes of one block, scales included.
  public var bytesPerBlock: Int { layout.bytes }

  /// Bytes that follow the blocks of a whole tensor: 0, but that I2_S keeps one f32 scale and 28 bytes of
  /// padding.
  public var bytesPerTensor: Int { self == .i2_s ? 32 : 0 }

  private var layout: (elements: Int, bytes: Int) {
    switch self {
    case .i8: (1, 1)
    case .f16, .bf16, .i16: (1, 2)
    case .f32, .i32: (1, 4)
    case .f64, .i64: (1, 8)
    case .q4_0, .iq4_nl: (32, 18)
    case .q4_1: (32, 20)
    case .q5_0: (32, 22)
    case .q5_1: (32, 24)
    case .q8_0: (32, 34)
    case .q8_1: (32, 36)
    case .mxfp4: (32, 17)
    case .nvfp4: (64, 36)
    case .q2_0: (64, 18)
    case .q1_0: (128, 18)
    case .i2_s: (128, 32)
    case .iq1_s: (256, 50)
    case .tq1_0: (256, 54)
    case .iq1_m: (256, 56)
    case .iq2_xxs, .tq2_0: (256, 66)
    case .iq2_xs: (256, 74)
    case .iq2_s: (256, 82)
    case .q2_k: (256, 84)
    case .iq3_xxs: (256, 98)
    case .q3_k, .iq3_s: (256, 110)
    case .iq4_xs: (256, 136)
    case .q4_k: (256, 144)
    case .q5_k: (256, 176)
    case .q6_k: (256, 210)
    case .q8_k: (256, 292)
    }
  }
}
