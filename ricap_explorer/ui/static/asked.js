// An answer of the server, or an error where it gives none: Gradio rejects, or gives nothing, where a request failed.
const asked = async (call) => {
  const answer = await Promise.resolve().then(call).catch(() => null);
  return answer ?? { error: "the server did not answer; please try again" };
};
