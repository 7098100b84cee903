using System.Net.Mime;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ModelTrack.Client.MLNet;

namespace Serving;

/// <summary>The program: settings, services and routes.</summary>
internal static class ServingApp
{
    private const string DefaultModel = "models:/breast-cancer@champion";

    /// <summary>The release of MLflow whose scoring server this follows.</summary>
    private const string ProtocolVersion = "3.11.1";

    /// <param name="args">
    /// Settings: <c>--model</c>, <c>--tracking-uri</c> (else <c>MLFLOW_TRACKING_URI</c>, else ./mlruns), <c>--polling-interval</c>
    /// (00:00:30), <c>--urls</c>; MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT in seconds from the environment.
    /// </param>
    public static WebApplication Create(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        var settings = builder.Configuration;
        builder.Services.AddModelTrack(options => options.TrackingUri = settings["tracking-uri"]);
        builder.Services.AddModelTrackModel(
            settings["model"] ?? DefaultModel,
            options => options.PollingInterval = settings.GetValue("polling-interval", options.PollingInterval));
        builder.Services.AddSingleton(provider => new Invocations(
            provider.GetRequiredService<ModelTrackModel>(),
            TimeSpan.FromSeconds(settings.GetValue("MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT", 60.0))));

        var app = builder.Build();

        // What routing refuses has no body yet: 404 and 405, in the form that MLflow's server has for them.
        app.UseStatusCodePages(context =>
        {
            var status = context.HttpContext.Response.StatusCode;
            return AnswerAsync(
                context.HttpContext, status, MediaTypeNames.Application.Json, $"{{\"detail\":\"{ReasonPhrases.GetReasonPhrase(status)}\"}}");
        });
        app.MapGet("/ping", PingAsync);
        app.MapGet("/health", PingAsync);
        app.MapGet("/version", context => AnswerAsync(context, StatusCodes.Status200OK, MediaTypeNames.Application.Json, ProtocolVersion));
        app.MapPost("/invocations", context => context.RequestServices.GetRequiredService<Invocations>().AnswerAsync(context));
        return app;
    }

    public static async Task AnswerAsync(HttpContext context, int status, string contentType, string text)
    {
        var body = Encoding.UTF8.GetBytes(text);
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>Whether a model answers, and in a header which one.</summary>
    private static Task PingAsync(HttpContext context)
    {
        var current = context.RequestServices.GetRequiredService<ModelTrackModel>().Current;
        if (current is not null)
        {
            context.Response.Headers[Invocations.ModelHeader] = current.Uri;
        }

        return AnswerAsync(
            context, current is null ? StatusCodes.Status404NotFound : StatusCodes.Status200OK, MediaTypeNames.Application.Json, "\n");
    }
}
