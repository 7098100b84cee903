using System.Globalization;
using System.Text;
using ModelTrack.Client.Fakes.Wire;

namespace ModelTrack.Client.Fakes.Routes;

/// <summary>Registered models, their tags and aliases.</summary>
internal static class RegisteredModelRoutes
{
    private const int MaxTagValue = 100_000;

    private static readonly MessageType Create = new(
        Field.Text("name", Check.Text, Check.Required),
        Field.Many("tags", Pairs.Type, Check.List),
        Field.Text("description", Check.Text));

    private static readonly MessageType ByName = new(Field.Text("name", Check.Text, Check.Required));

    private static readonly MessageType Update = new(Field.Text("name", Check.Text, Check.Required), Field.Text("description", Check.Text));

    private static readonly MessageType Rename = new(
        Field.Text("name", Check.Text, Check.Required),
        Field.Text("new_name", Check.Text, Check.Required));

    private static readonly MessageType Latest = new(
        Field.Text("name", Check.Text, Check.Required),
        Field.Texts("stages", Check.List, Check.ListOfTexts));

    private static readonly MessageType Tag = new(
        Field.Text("name", Check.Text, Check.Required),
        Field.Text("key", Check.Text, Check.Required),
        Field.Text("value", Check.Text));

    private static readonly MessageType SetAlias = new(
        Field.Text("name", Check.Text, Check.Required),
        Field.Text("alias", Check.Text, Check.Required),
        Field.Text("version", Check.Text, Check.Required));

    private static readonly MessageType ByAlias = new(
        Field.Text("name", Check.Text, Check.Required),
        Field.Text("alias", Check.Text, Check.Required));

    public static void AddTo(Router router)
    {
        router.Api("POST", "/registered-models/create", OnCreate);
        router.Api("GET", "/registered-models/get", OnGet);
        router.Api("PATCH", "/registered-models/update", OnUpdate);
        router.Api("POST", "/registered-models/rename", OnRename);
        router.Api("DELETE", "/registered-models/delete", OnDelete);
        router.Api("POST", "/registered-models/get-latest-versions", OnGetLatest);
        router.Api("GET", "/registered-models/get-latest-versions", OnGetLatest);
        router.Api("POST", "/registered-models/set-tag", OnSetTag);
        router.Api("DELETE", "/registered-models/delete-tag", OnDeleteTag);
        router.Api("POST", "/registered-models/alias", OnSetAlias, since: "2.3");
        router.Api("GET", "/registered-models/alias", OnGetAlias, since: "2.3");
        router.Api("DELETE", "/registered-models/alias", OnDeleteAlias, since: "2.3");
    }

    public static void CheckTag(Call call, string key, string value)
    {
        Names.CheckKey(key, "key", call.Version);
        Names.CheckLength("key", Names.MaxKeyLength, key);
        Names.CheckLength("value", MaxTagValue, value);
    }

    private static FakeAnswer OnCreate(Call call)
    {
        var request = call.Read(Create);
        var name = request.Text("name");
        RegistryLookup.CheckModelName(call, name);
        var tags = Pairs.Of(request.Many("tags"));
        tags.ForEach(tag => CheckTag(call, tag.Key, tag.Value));
        if (call.State.RegisteredModelStore.TryGetValue(name, out var other))
        {
            throw AlreadyThere(name, other.IsPrompt, tags.Exists(tag => tag.Key == "mlflow.prompt.is_prompt"));
        }

        var now = call.Now;
        var model = new FakeRegisteredModel
        {
            Name = name,
            Description = request.Text("description"),
            CreationTime = now,
            LastUpdateTime = now,
        };
        tags.ForEach(tag => model.TagStore[tag.Key] = tag.Value);
        call.State.RegisteredModelStore.Add(name, model);
        return RegistryLookup.Answer(call, model);
    }

    private static FakeException AlreadyThere(string name, bool isPrompt, bool becomesPrompt)
    {
        static string Kind(bool prompt) => prompt ? "Prompt" : "Registered Model";
        return FakeException.Exists(isPrompt == becomesPrompt
            ? $"{Kind(isPrompt)} (name={name}) already exists."
            : $"Tried to create a {Kind(becomesPrompt).ToLowerInvariant()} with name {PythonText.Quoted(name)}, but the name is already"
                + $" taken by a {Kind(isPrompt).ToLowerInvariant()}. MLflow does not allow creating a model and a prompt with the same name.");
    }

    private static FakeAnswer OnGet(Call call)
        => RegistryLookup.Answer(call, RegistryLookup.FindModel(call, call.Read(ByName).Text("name")));

    private static FakeAnswer OnUpdate(Call call)
    {
        var request = call.Read(Update);
        var model = RegistryLookup.FindModel(call, request.Text("name"));
        model.Description = request.Text("description");
        model.LastUpdateTime = call.Now;
        return RegistryLookup.Answer(call, model);
    }

    private static FakeAnswer OnRename(Call call)
    {
        var request = call.Read(Rename);
        var (name, newName) = (request.Text("name"), request.Text("new_name"));
        RegistryLookup.CheckModelName(call, newName);
        var model = RegistryLookup.FindModel(call, name);
        if (call.State.RegisteredModelStore.ContainsKey(newName))
        {
            throw FakeException.Exists($"Registered Model (name={newName}) already exists.");
        }

        call.State.RegisteredModelStore.Remove(name);
        call.State.RegisteredModelStore.Add(newName, model);
        model.Name = newName;
        model.LastUpdateTime = call.Now;
        foreach (var version in model.Versions)
        {
            version.Name = newName;
            version.LastUpdateTime = model.LastUpdateTime;
        }

        if (!call.IsSql)
        {
            // The file store moves the versions' tags, and forgets the model's tags and aliases.
            model.AliasStore.Clear();
            model.TagStore.Clear();
        }

        return RegistryLookup.Answer(call, model);
    }

    private static FakeAnswer OnDelete(Call call)
    {
        var model = RegistryLookup.FindModel(call, call.Read(ByName).Text("name"));
        call.State.RegisteredModelStore.Remove(model.Name);
        return Json.Empty;
    }

    private static FakeAnswer OnGetLatest(Call call)
    {
        var request = call.Read(Latest);
        var stages = request.Texts("stages").Select(RegistryLookup.CanonicalStage).ToList();
        var latest = RegistryLookup.LatestVersions(RegistryLookup.FindModel(call, request.Text("name")))
            .Where(version => stages.Count == 0 || stages.Contains(version.Stage));
        return Json.Answer(json => json.WriteList("model_versions", latest, (w, version) => RegistryLookup.WriteVersion(w, call, version)));
    }

    private static FakeAnswer OnSetTag(Call call)
    {
        var request = call.Read(Tag);
        CheckTag(call, request.Text("key"), request.Text("value"));
        var model = RegistryLookup.FindModel(call, request.Text("name"));
        model.TagStore[request.Text("key")] = request.Text("value");
        RegistryLookup.TouchFile(call, model);
        return Json.Empty;
    }

    private static FakeAnswer OnDeleteTag(Call call)
    {
        var request = call.Read(Tag);
        Names.CheckKey(request.Text("key"), "key", call.Version);
        var model = RegistryLookup.FindModel(call, request.Text("name"));
        if (model.TagStore.Remove(request.Text("key")))
        {
            RegistryLookup.TouchFile(call, model);
        }

        return Json.Empty;
    }

    private static FakeAnswer OnSetAlias(Call call)
    {
        var request = call.Read(SetAlias);
        var (name, alias) = (request.Text("name"), request.Text("alias"));
        CheckAlias(alias);
        if (alias.Equals("latest", StringComparison.OrdinalIgnoreCase))
        {
            throw FakeException.Invalid("'latest' alias name (case insensitive) is reserved.");
        }

        if (alias[0] is 'v' or 'V' && alias.Length > 1 && alias.Skip(1).All(char.IsDigit))
        {
            throw FakeException.Invalid($"Version alias name '{alias}' is reserved.");
        }

        var version = RegistryLookup.FindVersion(call, name, request.Text("version"));
        var model = RegistryLookup.FindModel(call, name);
        model.AliasStore[alias] = version.Version.ToString(CultureInfo.InvariantCulture);
        RegistryLookup.TouchFile(call, model);
        return Json.Empty;
    }

    private static FakeAnswer OnGetAlias(Call call)
    {
        var request = call.Read(ByAlias);
        var (name, alias) = (request.Text("name"), request.Text("alias"));
        CheckAlias(alias);
        var model = RegistryLookup.FindModel(call, name);
        if (alias.Equals("latest", StringComparison.OrdinalIgnoreCase))
        {
            return RegistryLookup.Answer(
                call,
                RegistryLookup.LatestVersions(model).FirstOrDefault()
                    ?? throw FakeException.NotFound($"Latest version not found for model {name}."));
        }

        return model.Aliases.TryGetValue(alias, out var version)
            ? RegistryLookup.Answer(call, RegistryLookup.FindVersion(call, name, version))
            : throw FakeException.Invalid($"Registered model alias {alias} not found.");
    }

    private static FakeAnswer OnDeleteAlias(Call call)
    {
        var request = call.Read(ByAlias);
        CheckAlias(request.Text("alias"));
        var model = RegistryLookup.FindModel(call, request.Text("name"));
        if (model.AliasStore.Remove(request.Text("alias")))
        {
            RegistryLookup.TouchFile(call, model);
        }

        return Json.Empty;
    }

    private static void CheckAlias(string alias)
    {
        if (!alias.EnumerateRunes().All(rune => Names.IsWord(rune) || rune == new Rune('-')))
        {
            throw FakeException.Invalid(
                $"Invalid alias name: '{alias}'. Names may only contain alphanumerics, underscores (_), and dashes (-).");
        }

        Names.CheckLength("Registered model alias name", 255, alias);
    }
}
