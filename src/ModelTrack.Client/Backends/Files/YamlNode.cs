namespace ModelTrack.Client.Backends.Files;

/// <summary>A value in a <c>meta.yaml</c>.</summary>
internal abstract class YamlNode;
