defmodule Geo.Shape do
  @moduledoc """
  Shapes.
  """

  use Ecto.Schema
  alias Geo.Point

  @limit 10

  schema "shapes" do
    field :sides, :integer
  end

  @doc """
  Adds up.

  Slowly.
  """
  @spec sum([integer], integer) :: integer
  def sum(list, start \\ 0)
  def sum([], start), do: start

  def sum([head | tail], start) when is_integer(head) do
    sum(tail, start + head)
  end

  @doc false
  def sum(one), do: one

  # Private.
  defp helper, do: @limit

  @impl true
  def handle_call({:get, key}, _from, state) do
    {:reply, Map.get(state, key), state}
  end

  def handle_call(:all, _from, state) do
    {:reply, state, state}
  end

  defmacro macro(name) do
    quote do
      def unquote(name)(), do: 1
    end
  end

  def a <~> b do
    {a, b}
  end

  defguard is_even(x) when rem(x, 2) == 0

  defmodule Inner do
    def valid?(x), do: x
  end

  def long_one(items) do
    items
    |> Enum.map(fn item ->
      case item do
        "a" ->
          1

        "b" ->
          2

        _ ->
          3
      end
    end)

    # then
    with {:ok, first} <- fetch(items),
         {:ok, second} <- fetch(first) do
      {:ok, second}
    else
      :error ->
        :error
    end

    if items == [] do
      :empty
    else
      :full
    end
  end
end

defprotocol Geo.Area do
  @doc "The area."
  def area(shape)
end

defimpl Geo.Area, for: Geo.Shape do
  def area(_), do: 0
end

test "works" do
  assert true
end
