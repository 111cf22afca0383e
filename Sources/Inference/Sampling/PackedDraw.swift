import Foundation
import Tokenization

/// A ``TokenDraw`` in few bytes: what sessions keep of each token.
///
/// Log-probabilities are in units of 2⁻²⁰ nats, so that probabilities are right to 10⁻⁶; masses likewise;
/// entropies in units of 2⁻¹². Numbers are LEB128: seven bits in each byte, the lowest first.
public struct PackedDraw: Sendable, Hashable {
  public let bytes: [UInt8]

  /// The version of the format, which files hold beside the bytes.
  public static let version: UInt8 = 1

  /// - Parameter bytes: As ``bytes`` were; what is no draw has neither ``draw`` nor ``figures``.
  public init(bytes: [UInt8]) { self.bytes = bytes }

  public init(_ draw: TokenDraw) {
    var out = Packer()
    out.add(UInt64(draw.isForced ? 1 : 0))
    out.add(Unit.nats(draw.logProbability))
    out.add(UInt64(draw.rank))
    out.add(Unit.whole(draw.entropy, Unit.entropy))
    out.add(Unit.nats(ofProbability: draw.probability))
    let candidates = draw.candidates.prefix(255), steps = draw.steps.prefix(14)
    out.bytes.append(UInt8(candidates.count))
    out.bytes.append(UInt8(steps.count))
    var last: UInt64 = 0
    for candidate in candidates {
      let nats = max(last, Unit.nats(candidate.logProbability))
      out.add(UInt64(UInt32(bitPattern: candidate.token)))
      out.add(nats - last)
      last = nats
    }
    for step in steps {
      out.bytes.append(step.kind.rawValue)
      out.add(UInt64(step.left))
      out.add(signed: Int64((max(-2048, min(2048, step.logMass)) * Unit.logProbability).rounded()))
      guard step.kind <= .dry else { continue }
      for index in candidates.indices {
        out.add(step.changes.indices.contains(index) ? step.changes[index] : 0)
      }
    }
    guard candidates.contains(where: { $0.cut != nil }) else {
      bytes = out.bytes
      return
    }
    for start in stride(from: 0, to: candidates.count, by: 2) {
      let pair = candidates[start..<min(start + 2, candidates.count)].map { UInt8(($0.cut ?? -1) + 1) }
      out.bytes.append(pair[0] | (pair.count > 1 ? pair[1] << 4 : 0))
    }
    bytes = out.bytes
  }

  /// What is told of the drawn token without its rivals.
  public struct Figures: Sendable, Hashable {
    public var isForced: Bool
    public var logProbability: Float
    public var rank: Int
    public var entropy: Float
    public var probability: Float
  }

  /// nil where the bytes are none of a draw.
  public var figures: Figures? {
    var reader = Unpacker(bytes[...])
    return figures(&reader)
  }

  private func figures(_ reader: inout Unpacker) -> Figures? {
    guard let flags = reader.number(), let own = reader.number(), let rank = reader.number(),
      let entropy = reader.number(), let after = reader.number(), rank > 0, rank < 1 << 31
    else { return nil }
    return Figures(
      isForced: flags & 1 == 1, logProbability: Unit.nats(own), rank: Int(rank),
      entropy: Float(entropy) / Unit.entropy, probability: Unit.probability(after))
  }

  /// nil where the bytes are none of a draw.
  public var draw: TokenDraw? {
    var reader = Unpacker(bytes[...])
    guard let figures = figures(&reader), let count = reader.byte(), let stepCount = reader.byte(),
      stepCount <= 14
    else { return nil }
    var draw = TokenDraw()
    draw.isForced = figures.isForced
    draw.logProbability = figures.logProbability
    draw.rank = figures.rank
    draw.entropy = figures.entropy
    draw.probability = figures.probability
    var nats: UInt64 = 0
    for _ in 0..<count {
      guard let token = reader.number(), token < 1 << 31, let more = reader.number() else { return nil }
      nats = min(nats &+ more, 1 << 40)
      draw.candidates.append(.init(token: Token(token), logProbability: Unit.nats(nats)))
    }
    for _ in 0..<stepCount {
      guard let kind = reader.byte().flatMap(TokenDraw.Kind.init), let left = reader.number(),
        left < 1 << 31, let mass = reader.signed()
      else { return nil }
      var step = TokenDraw.Step(kind: kind, left: Int(left), logMass: Float(mass) / Unit.logProbability)
      if kind <= .dry {
        for _ in 0..<count {
          guard let change = reader.float() else { return nil }
          step.changes.append(change)
        }
      }
      draw.steps.append(step)
    }
    guard !reader.isAtEnd else { return draw }
    for index in draw.candidates.indices {
      guard let cut = reader.nibble(isHigh: index % 2 == 1) else { return nil }
      guard cut > 0 else { continue }
      guard draw.steps.indices.contains(cut - 1) else { return nil }
      draw.candidates[index].cut = cut - 1
    }
    return draw
  }

  /// The units of numbers.
  private enum Unit {
    static let logProbability: Float = 1_048_576
    static let entropy: Float = 4096

    static func nats(_ value: Float) -> UInt64 { whole(-value, logProbability) }
    static func nats(_ value: UInt64) -> Float { value == 0 ? 0 : -Float(value) / logProbability }

    /// In f64, so that what was read back is packed as it was.
    static func nats(ofProbability value: Float) -> UInt64 {
      guard value > 0, value < 1 else { return value > 0 ? 0 : UInt64(4096 * logProbability) }
      return UInt64((-log(Double(value)) * Double(logProbability)).rounded())
    }
    static func probability(_ nats: UInt64) -> Float { Float(exp(-Double(nats) / Double(logProbability))) }

    /// What is no finite number is far off.
    static func whole(_ value: Float, _ unit: Float) -> UInt64 {
      guard value < 4096 else { return UInt64(4096 * unit) }
      return value > 0 ? UInt64((value * unit).rounded()) : 0
    }
  }
}

extension TokenDraw.Kind: Comparable {
  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// Appends numbers to bytes.
package struct Packer {
  package var bytes: [UInt8] = []
  package init() { bytes.reserveCapacity(128) }

  package mutating func add(_ number: UInt64) {
    var rest = number
    while rest > 127 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  package mutating func add(signed number: Int64) { add(UInt64(bitPattern: (number << 1) ^ (number >> 63))) }

  /// A zero takes a byte, any other number five.
  package mutating func add(_ value: Float) {
    bytes.append(value == 0 ? 0 : 1)
    guard value != 0 else { return }
    for shift in stride(from: UInt32(0), to: 32, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift))
    }
  }
}

/// Reads the numbers of a ``Packer`` back; nil where there is none.
package struct Unpacker {
  private var bytes: ArraySlice<UInt8>
  package init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  package var isAtEnd: Bool { bytes.isEmpty }

  package mutating func byte() -> UInt8? { bytes.popFirst() }

  package mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, count <= bytes.count else { return nil }
    defer { bytes = bytes.dropFirst(count) }
    return bytes.prefix(count)
  }

  package mutating func number() -> UInt64? {
    var number: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 63, by: 7) {
      guard let byte = bytes.popFirst() else { return nil }
      number |= UInt64(byte & 127) << shift
      if byte < 128 { return number }
    }
    return nil
  }

  mutating func signed() -> Int64? {
    number().map { Int64(bitPattern: $0 >> 1) ^ -Int64(bitPattern: $0 & 1) }
  }

  mutating func float() -> Float? {
    guard let mark = byte() else { return nil }
    guard mark != 0 else { return 0 }
    guard let own = bytes(4) else { return nil }
    let value = Float(bitPattern: own.reversed().reduce(0) { $0 << 8 | UInt32($1) })
    return value.isNaN ? nil : value
  }

  /// The lower half of the next byte, or its upper half, which takes it away.
  mutating func nibble(isHigh: Bool) -> Int? {
    guard let first = bytes.first else { return nil }
    guard isHigh else { return Int(first & 15) }
    bytes.removeFirst()
    return Int(first >> 4)
  }
}
