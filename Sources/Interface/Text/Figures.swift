import Foundation
import Inference

/// Formats of numbers on the screen: few digits, grouped, with their units.
package enum Figures {
  /// `1840` → `1,840`; from a hundred on no decimals.
  static func rate(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "–" }
    return value >= 99.5 ? grouped(Int(nearest: value)) : fixed(value, value >= 9.95 ? 1 : 2)
  }

  /// Bytes in decimal units with three figures: `78.2 MB`.
  static func bytes(_ count: Int) -> String {
    var value = Double(count)
    var units = ["B", "kB", "MB", "GB", "TB"][...]
    while value >= 999.5, units.count > 1 {
      value /= 1000
      units.removeFirst()
    }
    let unit = units.first ?? "B"
    return unit == "B" ? "\(count) B" : "\(fixed(value, value >= 99.5 ? 0 : value >= 9.95 ? 1 : 2)) \(unit)"
  }

  /// `134515008` → `135 M`.
  static func count(_ value: Int) -> String {
    let number = Double(value)
    if number >= 999.5e6 { return fixed(number / 1e9, number < 9.95e9 ? 1 : 0) + " B" }
    if number >= 999.5e3 { return fixed(number / 1e6, 0) + " M" }
    return grouped(value)
  }

  /// `0.0312` s → `31 ms`.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0 else { return "–" }
    if seconds < 0.9995 { return "\(fixed(seconds * 1000, seconds < 0.00995 ? 1 : 0)) ms" }
    if seconds < 99.5 { return "\(fixed(seconds, 1)) s" }
    return "\(grouped(Int(nearest: (seconds / 60).rounded(.down)))) min"
  }

  /// `0.0312` s → `31 ms`, `12.34` s → `12 s`, `127.8` s → `2 min 7 s`.
  ///
  /// - Parameter isWhole: Whether it is still running: seconds are whole then.
  static func seconds(_ seconds: Double, isWhole: Bool = false) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "–" }
    if seconds < 9.95, !isWhole { return duration(seconds) }
    let whole = Int(nearest: isWhole ? seconds.rounded(.down) : seconds)
    return whole < 100 ? "\(whole) s" : "\(grouped(whole / 60)) min \(whole % 60) s"
  }

  /// The time since a date, in one unit: `3 min`, `5 h`, `12 d`, `2 y`.
  static func age(of date: Date, at now: Date) -> String {
    let minutes = Int(nearest: max(0, now.timeIntervalSince(date)) / 60)
    switch minutes {
    case 0: return "now"
    case ..<60: return "\(minutes) min"
    case ..<(48 * 60): return "\(minutes / 60) h"
    case ..<(730 * 24 * 60): return "\(minutes / 1440) d"
    default: return "\(minutes / (365 * 1440)) y"
    }
  }

  /// A change in per cent with a real minus sign: `−19 %`; nil where it rounds to nothing.
  static func change(_ value: Double, from base: Double) -> String? {
    guard base > 0, value.isFinite else { return nil }
    let percent = Int(nearest: (value / base - 1) * 100)
    return percent == 0 ? nil : (percent < 0 ? "−" : "+") + "\(percent.magnitude) %"
  }

  static func grouped(_ value: Int) -> String {
    var digits = Array(String(value.magnitude))
    var place = digits.count - 3
    while place > 0 {
      digits.insert(",", at: place)
      place -= 3
    }
    return (value < 0 ? "−" : "") + String(digits)
  }

  /// printf's `%.nf`, without the detour that `String(format:)` takes: a frame has hundreds of figures.
  /// What is no finite number is called by its name: “–” stands for what was not measured.
  package static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value > 0 ? "∞" : "−∞" }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { digits in
      _ = withVaList([Int32(decimals), value]) { vsnprintf(digits.baseAddress, digits.count, "%.*f", $0) }
      return String(cString: digits.baseAddress!)
    }
  }

  /// KL in nats, in at most five cells: `0.031`, `2.91`, `12.4`.
  static func kl(_ value: Double) -> String {
    value >= 99.5 ? fixed(value, 0) : value >= 9.995 ? fixed(value, 1) : fixed(value, value >= 0.9995 ? 2 : 3)
  }

  /// Similarity in five cells: `0.993`.
  static func similarity(_ value: Float) -> String { value.isAbsent ? "" : fixed(Double(value), 3) }
}

/// Horizontal bars and sparklines.
enum Bars {
  private static let heights = Array("▁▂▃▄▅▆▇█")

  /// A bar of `width` cells in halves of a cell: a heavy line on a light one, so that it reads without
  /// colours and bars above each other stay apart.
  static func bar(_ fraction: Double, width: Int, element: Element = .bar) -> Line {
    guard width > 0 else { return [] }
    let halves = min(width * 2, max(0, Int(nearest: fraction * Double(width * 2))))
    let isHalf = halves % 2 == 1
    return [
      Span(String(repeating: "━", count: halves / 2) + (isHalf ? "╾" : ""), element),
      Span(String(repeating: "─", count: width - halves / 2 - (isHalf ? 1 : 0)), .track),
    ]
  }

  /// The newest `width` values, from 0 to the largest of them.
  static func sparkline(_ values: some BidirectionalCollection<Double>, width: Int) -> String {
    let shown = values.suffix(max(0, width))
    let top = shown.max() ?? 0
    return String(
      shown.map { value in
        guard top > 0, value.isFinite else { return heights[0] }
        return heights[min(7, max(0, Int(nearest: value / top * 7)))]
      })
  }
}
