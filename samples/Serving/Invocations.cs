using System.Net.Mime;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.ML;
using ModelTrack.Client;
using ModelTrack.Client.MLNet;
using Serving.Columns;
using Serving.Requests;

namespace Serving;

/// <summary>POST /invocations, as MLflow's scoring server answers it.</summary>
internal sealed class Invocations(ModelTrackModel model, TimeSpan timeout)
{
    /// <summary>The header that says which version answered.</summary>
    public const string ModelHeader = "X-Model-Uri";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>What a version takes is found out once.</summary>
    private readonly ConditionalWeakTable<ITransformer, ModelInputs> _inputs = [];

    public async Task AnswerAsync(HttpContext context)
    {
        if (FindFault(context.Request.ContentType, out var isCsv) is { } fault)
        {
            await ServingApp.AnswerAsync(context, StatusCodes.Status415UnsupportedMediaType, MediaTypeNames.Text.Plain, fault);
            return;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        if (model.Current is null)
        {
            await AnswerErrorAsync(
                context,
                StatusCodes.Status503ServiceUnavailable,
                ErrorCode.TemporarilyUnavailable,
                model.LastError?.Message ?? "The model is being loaded.");
            return;
        }

        try
        {
            var (json, answered) = await Task.Run(() => Predict(body.ToArray(), isCsv), context.RequestAborted)
                .WaitAsync(timeout, context.RequestAborted);
            context.Response.Headers[ModelHeader] = answered;
            await ServingApp.AnswerAsync(context, StatusCodes.Status200OK, MediaTypeNames.Application.Json, json);
        }
        catch (TimeoutException)
        {
            await ServingApp.AnswerAsync(
                context, StatusCodes.Status504GatewayTimeout, MediaTypeNames.Text.Plain, "The request took longer than the server's time limit.");
        }
        catch (ScoringException e)
        {
            await AnswerErrorAsync(context, StatusCodes.Status400BadRequest, e.ErrorCode, e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            const string Message = "Encountered an unexpected error while evaluating the model. Verify that the serialized input Dataframe is "
                + "compatible with the model for inference.";
            await AnswerErrorAsync(context, StatusCodes.Status400BadRequest, ErrorCode.BadRequest, Message, e.ToString());
        }
    }

    /// <summary>The lease is held until the last row is read, also when nobody waits for the answer any more.</summary>
    private (string Json, string ModelUri) Predict(byte[] body, bool isCsv)
    {
        using var lease = model.Rent();
        var inputs = _inputs.GetValue(lease.Transformer, _ => new ModelInputs(lease));
        RequestTable table;
        try
        {
            var text = Utf8.GetString(body);
            table = isCsv ? CsvRequest.Read(text) : JsonRequest.Read(text, lease.Model.Signature?.Params ?? []);
        }
        catch (DecoderFallbackException e)
        {
            throw ScoringException.Malformed($"The body is not UTF-8: {e.Message}");
        }

        var rows = lease.Transformer.Transform(inputs.Bind(table));
        return (PredictionJson.Write(rows, inputs, lease.Model.Signature?.Outputs), lease.Model.Uri);
    }

    /// <summary>What is wrong with the content type: only UTF-8 and no other parameter.</summary>
    private static string? FindFault(string? contentType, out bool isCsv)
    {
        var parts = (contentType ?? "").Split(';', StringSplitOptions.TrimEntries);
        isCsv = parts[0].Equals(MediaTypeNames.Text.Csv, StringComparison.OrdinalIgnoreCase);
        foreach (var parameter in parts.Skip(1).Where(parameter => parameter.Length > 0))
        {
            var (name, value) = parameter.Split('=', 2) is [var left, var right] ? (left, right) : (parameter, "");
            if (!name.Equals("charset", StringComparison.OrdinalIgnoreCase))
            {
                return $"Unrecognized content type parameters: {name}.";
            }

            if (!value.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            {
                return "The scoring server only supports UTF-8";
            }
        }

        return isCsv || parts[0].Equals(MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase)
            ? null
            : $"This predictor only supports the following content types: Types: ['text/csv', 'application/json']. Got '{contentType}'.";
    }

    private static Task AnswerErrorAsync(HttpContext context, int status, string code, string message, string? stackTrace = null)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("error_code", code);
            writer.WriteString("message", message);
            if (stackTrace is not null)
            {
                writer.WriteString("stack_trace", stackTrace);
            }

            writer.WriteEndObject();
        }

        return ServingApp.AnswerAsync(context, status, MediaTypeNames.Application.Json, Encoding.UTF8.GetString(buffer.ToArray()));
    }
}
