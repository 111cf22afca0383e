import Foundation
import Interface
import Sessions

/// The settings, compared with what they name: keys, themes, models.
struct CheckedSettings {
  var settings: Settings
  /// The keys that they change.
  let keys: KeyMap
  /// Mistakes that stop nothing, each with its place: what they are about has its default.
  private(set) var problems: [String]

  init(_ directories: Directories) throws {
    (settings, problems) = try Settings.load(from: directories.settingsFile)
    let (keys, warnings) = KeyMap.make(changes: settings.keys, places: settings.keyPlaces)
    self.keys = keys
    problems += warnings
    guard let theme = settings.theme else { return }
    do { _ = try ThemeCatalog(userFolder: directories.themes).theme(theme) } catch {
      problems.append("\(settings.places["theme"] ?? "theme"): \(error)")
      settings.theme = nil
    }
  }

  /// The reason why the model that they name cannot be opened; nil where it can, or none is named.
  func modelProblem(_ models: ModelStore) -> String? {
    guard let model = settings.model else { return nil }
    do { _ = try models.resolve(model) } catch { return "\(settings.places["model"] ?? "model"): \(error)" }
    return nil
  }
}
